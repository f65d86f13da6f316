/* What is kept of packets, compiled: twin of rtp/tape.py, rtp/reel.py, samples.py and the hot part of taps.py. See _pump.c.
 *
 * Copyright 2026 The Line400 authors. SPDX-License-Identifier: Apache-2.0
 */
#include "_pump.h"

#include <sys/socket.h>

enum { MAX_HELD = 1 << 16, MAX_RUN = 4000, MAX_STRAY = 800 };
enum { RING = 1 << 14, EARLY = -1600, LATE = 4000, DRIFT_WINDOW = 250 };
enum { BATCH = 3 * FRAME, BEHIND = 3 * FRAME, PATIENCE = 12 * FRAME, LONGEST = RATE_HZ / 10 };
enum { MOST_HEADER = 64, MOST_SAMPLES = 2048 };

/* Tape */

typedef struct {
    long long arrival, least;
    Py_ssize_t start, length;
    uint32_t ssrc, timestamp;
    int packets, begins;
} Run;

struct Tape {
    PyObject_HEAD
    unsigned char *bytes; /* the payloads of all runs, one after the other */
    Py_ssize_t held, room;
    Run *runs;
    Py_ssize_t count, space;
};

int tape_add(Tape *tape, uint32_t ssrc, uint32_t timestamp, const unsigned char *payload, Py_ssize_t length,
                    long long arrival, int begins)
{
    if (tape->held + length > MAX_HELD)
        tape->held = tape->count = 0;
    if (!tape->bytes || tape->held + length > tape->room) {
        Py_ssize_t room = 2 * (tape->held + length) + FRAME;
        unsigned char *bytes = PyMem_Realloc(tape->bytes, room);
        if (!bytes) {
            PyErr_NoMemory();
            return -1;
        }
        tape->bytes = bytes, tape->room = room;
    }
    memcpy(tape->bytes + tape->held, payload, length);
    if (tape->count && !begins) {
        Run *run = &tape->runs[tape->count - 1];
        long long stray = arrival - run->arrival - run->length;
        if (ssrc == run->ssrc && timestamp == (uint32_t)(run->timestamp + run->length) && stray >= -MAX_STRAY &&
            stray <= MAX_STRAY && run->length + length <= MAX_RUN) {
            run->length += length;
            run->packets++;
            if (stray < run->least)
                run->least = stray;
            tape->held += length;
            return 0;
        }
    }
    if (tape->count == tape->space) {
        Py_ssize_t space = 2 * tape->space + 4;
        Run *runs = PyMem_Realloc(tape->runs, space * sizeof(Run));
        if (!runs) {
            PyErr_NoMemory();
            return -1;
        }
        tape->runs = runs, tape->space = space;
    }
    tape->runs[tape->count++] = (Run){arrival, 0, tape->held, length, ssrc, timestamp, 1, begins};
    tape->held += length;
    return 0;
}

static PyObject *tape_add_method(Tape *tape, PyObject *args)
{
    unsigned long ssrc, timestamp;
    Py_buffer payload;
    long long arrival;
    int begins = 0, failed;
    if (!PyArg_ParseTuple(args, "kky*L|p", &ssrc, &timestamp, &payload, &arrival, &begins))
        return NULL;
    if (payload.len > MAX_HELD) {
        PyErr_SetString(PyExc_ValueError, "a packet cannot be that long");
        failed = 1;
    } else
        failed = tape_add(tape, ssrc, timestamp, payload.buf, payload.len, arrival, begins);
    PyBuffer_Release(&payload);
    return failed ? NULL : Py_NewRef(Py_None);
}

static PyObject *tape_take(Tape *tape, PyObject *unused)
{
    PyObject *list = PyList_New(tape->count);
    for (Py_ssize_t index = 0; list && index < tape->count; index++) {
        const Run *run = &tape->runs[index];
        PyObject *item = Py_BuildValue("(kky#LLiO)", (unsigned long)run->ssrc, (unsigned long)run->timestamp,
                                       (char *)tape->bytes + run->start, run->length, run->arrival, run->least,
                                       run->packets, run->begins ? Py_True : Py_False);
        if (!item)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, index, item);
    }
    if (list)
        tape->held = tape->count = 0;
    return list;
}

static Py_ssize_t tape_length(PyObject *tape)
{
    return ((Tape *)tape)->held;
}

static void tape_dealloc(Tape *tape)
{
    PyMem_Free(tape->bytes);
    PyMem_Free(tape->runs);
    Py_TYPE(tape)->tp_free((PyObject *)tape);
}

static PyMethodDef tape_methods[] = {
    {"add", (PyCFunction)tape_add_method, METH_VARARGS, NULL},
    {"take", (PyCFunction)tape_take, METH_NOARGS, NULL},
    {NULL},
};
static PySequenceMethods tape_sequence = {.sq_length = tape_length};

PyTypeObject TapeType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "telephony.media._pump.NewTape",
    .tp_basicsize = sizeof(Tape),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = (destructor)tape_dealloc,
    .tp_methods = tape_methods,
    .tp_as_sequence = &tape_sequence,
};

/* Reel */

typedef struct {
    PyObject_HEAD
    long long head, holes, least_late, misfits, position, seen, ssrc, timestamp;
    PyObject *linear;
    Tape *tape;
    unsigned char silence, ring[RING];
} Reel;

static void reel_hush(Reel *reel, long long end)
{
    long long length = end - reel->head;
    if (length <= 0)
        return;
    if (length > RING)
        length = RING;
    Py_ssize_t at = reel->head & (RING - 1), first = at + length <= RING ? length : RING - at;
    memset(reel->ring + at, reel->silence, first);
    memset(reel->ring, reel->silence, length - first);
    reel->head = end;
}

/* The payload is no longer than the ring. */
static void reel_lay(Reel *reel, long long position, const unsigned char *payload, Py_ssize_t length)
{
    reel_hush(reel, position);
    if (position + length > reel->head)
        reel->head = position + length;
    Py_ssize_t at = position & (RING - 1), first = at + length <= RING ? length : RING - at;
    memcpy(reel->ring + at, payload, first);
    memcpy(reel->ring, payload + first, length - first);
}

static PyObject *reel_lay_method(Reel *reel, PyObject *args)
{
    long long position;
    Py_buffer payload;
    if (!PyArg_ParseTuple(args, "Ly*", &position, &payload))
        return NULL;
    int fits = payload.len <= RING;
    if (fits)
        reel_lay(reel, position, payload.buf, payload.len);
    else
        PyErr_SetString(PyExc_ValueError, "longer than the ring");
    PyBuffer_Release(&payload);
    return fits ? Py_NewRef(Py_None) : NULL;
}

static PyObject *reel_hush_method(Reel *reel, PyObject *arg)
{
    long long end = PyLong_AsLongLong(arg);
    if (end == -1 && PyErr_Occurred())
        return NULL;
    reel_hush(reel, end);
    Py_RETURN_NONE;
}

static PyObject *reel_copy(Reel *reel, PyObject *args)
{
    long long start, end;
    if (!PyArg_ParseTuple(args, "LL", &start, &end))
        return NULL;
    Py_ssize_t length = end <= start ? 0 : end - start > RING ? -1 : (Py_ssize_t)(end - start);
    if (length < 0)
        return PyErr_Format(PyExc_ValueError, "longer than the ring");
    PyObject *copy = PyBytes_FromStringAndSize(NULL, length);
    if (copy) {
        Py_ssize_t at = start & (RING - 1), first = at + length <= RING ? length : RING - at;
        memcpy(PyBytes_AS_STRING(copy), reel->ring + at, first);
        memcpy(PyBytes_AS_STRING(copy) + first, reel->ring, length - first);
    }
    return copy;
}

static PyObject *reel_recode(Reel *reel, PyObject *args)
{
    Py_buffer table;
    unsigned char silence;
    if (!PyArg_ParseTuple(args, "y*b", &table, &silence))
        return NULL;
    int whole = table.len == 256;
    for (int index = 0; whole && index < RING; index++)
        reel->ring[index] = ((unsigned char *)table.buf)[reel->ring[index]];
    PyBuffer_Release(&table);
    if (!whole)
        return PyErr_Format(PyExc_ValueError, "a table of 256 bytes is needed");
    reel->silence = silence;
    Py_RETURN_NONE;
}

/* Whether all that is noted was laid. */
static int reel_follow(Reel *reel)
{
    Tape *tape = reel->tape;
    if (!tape->count)
        return 1;
    const Run *run = &tape->runs[0];
    if (tape->count > 1 || run->begins || run->ssrc != reel->ssrc || reel->holes || reel->misfits ||
        run->length > RING || reel->seen + run->packets >= DRIFT_WINDOW)
        return 0;
    long long position = reel->position + (int32_t)(run->timestamp - (uint32_t)reel->timestamp);
    long long lateness = run->arrival - position;
    if (position != reel->head || lateness <= EARLY || lateness >= LATE)
        return 0;
    if (lateness + run->least < reel->least_late)
        reel->least_late = lateness + run->least;
    reel->seen += run->packets;
    reel->timestamp = run->timestamp;
    reel->position = position;
    reel_lay(reel, position, tape->bytes + run->start, run->length);
    tape->held = tape->count = 0;
    return 1;
}

static PyObject *reel_follow_method(Reel *reel, PyObject *unused)
{
    return PyBool_FromLong(reel_follow(reel));
}

static PyObject *reel_new(PyTypeObject *type, PyObject *args, PyObject *names)
{
    unsigned char silence;
    long long now;
    if (!PyArg_ParseTuple(args, "bL", &silence, &now))
        return NULL;
    Reel *reel = (Reel *)type->tp_alloc(type, 0);
    if (!reel)
        return NULL;
    reel->silence = silence;
    memset(reel->ring, silence, RING);
    reel->head = now;
    reel->least_late = LATE;
    reel->ssrc = -1;
    reel->tape = (Tape *)PyObject_CallNoArgs((PyObject *)&TapeType);
    if (!reel->tape)
        Py_CLEAR(reel);
    return (PyObject *)reel;
}

static void reel_dealloc(Reel *reel)
{
    Py_XDECREF(reel->tape);
    Py_XDECREF(reel->linear);
    Py_TYPE(reel)->tp_free((PyObject *)reel);
}

static PyMemberDef reel_members[] = {
    NUMBER(Reel, head), NUMBER(Reel, holes), NUMBER(Reel, least_late), NUMBER(Reel, misfits), NUMBER(Reel, position),
    NUMBER(Reel, seen), NUMBER(Reel, ssrc), NUMBER(Reel, timestamp),
    {"tape", T_OBJECT_EX, offsetof(Reel, tape), READONLY, NULL}, {NULL}};
static Holder reel_linear = {offsetof(Reel, linear), &PyBytes_Type};
static PyGetSetDef reel_objects[] = {OBJECT("linear", &reel_linear), {NULL}};
static PyMethodDef reel_methods[] = {
    {"lay", (PyCFunction)reel_lay_method, METH_VARARGS, NULL},
    {"hush", (PyCFunction)reel_hush_method, METH_O, NULL},
    {"copy", (PyCFunction)reel_copy, METH_VARARGS, NULL},
    {"recode", (PyCFunction)reel_recode, METH_VARARGS, NULL},
    {"follow", (PyCFunction)reel_follow_method, METH_NOARGS, NULL},
    {NULL},
};

PyTypeObject ReelType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "telephony.media._pump.NewReel",
    .tp_basicsize = sizeof(Reel),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = reel_new,
    .tp_dealloc = (destructor)reel_dealloc,
    .tp_methods = reel_methods,
    .tp_members = reel_members,
    .tp_getset = reel_objects,
};

/* G.711 to samples */

static void put_sample(unsigned char *to, int16_t sample)
{
    to[0] = sample & 0xFF, to[1] = (uint16_t)sample >> 8;
}

static PyObject *interleave(PyObject *module, PyObject *args)
{
    Py_buffer left, right, left_linear, right_linear;
    PyObject *made = NULL;
    if (!PyArg_ParseTuple(args, "y*y*y*y*", &left, &right, &left_linear, &right_linear))
        return NULL;
    if (left.len != right.len || left_linear.len != 512 || right_linear.len != 512)
        PyErr_SetString(PyExc_ValueError, "two sides of one length and tables of 256 samples are needed");
    else if ((made = PyBytes_FromStringAndSize(NULL, 4 * left.len))) {
        unsigned char *to = (unsigned char *)PyBytes_AS_STRING(made);
        const unsigned char *one = left.buf, *other = right.buf;
        const int16_t *first = left_linear.buf, *second = right_linear.buf;
        for (Py_ssize_t index = 0; index < left.len; index++, to += 4) {
            put_sample(to, first[one[index]]);
            put_sample(to + 2, second[other[index]]);
        }
    }
    PyBuffer_Release(&left);
    PyBuffer_Release(&right);
    PyBuffer_Release(&left_linear);
    PyBuffer_Release(&right_linear);
    return made;
}

static int send_samples(int descriptor, const unsigned char *header, Py_ssize_t length, const unsigned char *encoded,
                        Py_ssize_t samples, const int16_t *linear)
{
    unsigned char datagram[MOST_HEADER + 2 * MOST_SAMPLES];
    memcpy(datagram, header, length);
    for (Py_ssize_t index = 0; index < samples; index++)
        put_sample(datagram + length + 2 * index, linear[encoded[index]]);
    return send(descriptor, datagram, length + 2 * samples, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

static PyObject *send_linear(PyObject *module, PyObject *args)
{
    int descriptor, sent = -1;
    Py_buffer header, encoded, linear;
    if (!PyArg_ParseTuple(args, "iy*y*y*", &descriptor, &header, &encoded, &linear))
        return NULL;
    if (header.len > MOST_HEADER || encoded.len > MOST_SAMPLES || linear.len != 512)
        PyErr_SetString(PyExc_ValueError, "too long for a datagram, or no table of 256 samples");
    else
        sent = send_samples(descriptor, header.buf, header.len, encoded.buf, encoded.len, linear.buf);
    PyBuffer_Release(&header);
    PyBuffer_Release(&encoded);
    PyBuffer_Release(&linear);
    return sent < 0 ? NULL : PyBool_FromLong(sent);
}

/* Taps: the datagram of core/tap.py */

typedef struct {
    PyObject_HEAD
    long long descriptor, due, next, position, sequence, stream, unsent;
    PyObject *reel;
} Tap;

static void write_number(unsigned char *to, unsigned long long number, int bytes)
{
    while (bytes--)
        to[bytes] = number & 0xFF, number >>= 8;
}

/* Whether the batch that is due was sent, in one datagram; else nothing was done. */
static int tap_go_on(Tap *tap, long long now)
{
    Reel *reel = (Reel *)tap->reel;
    if (!reel || !reel->linear || PyBytes_GET_SIZE(reel->linear) != 512 || !reel_follow(reel) || reel->holes)
        return 0;
    long long end = reel->head > now - PATIENCE ? reel->head : now - PATIENCE;
    if (end > now - BEHIND)
        end = now - BEHIND;
    long long samples = (end - tap->next) / FRAME * FRAME;
    if (end > reel->head || samples <= 0 || samples > LONGEST || tap->next < reel->head - RING + RING / 8)
        return 0;
    unsigned char header[20] = "L4T1", encoded[LONGEST];
    write_number(header + 4, tap->stream, 4);
    write_number(header + 8, tap->sequence, 4);
    write_number(header + 12, tap->position, 8);
    Py_ssize_t at = tap->next & (RING - 1), first = at + samples <= RING ? samples : RING - at;
    memcpy(encoded, reel->ring + at, first);
    memcpy(encoded + first, reel->ring, samples - first);
    const int16_t *linear = (int16_t *)PyBytes_AS_STRING(reel->linear);
    tap->unsent += !send_samples(tap->descriptor, header, sizeof header, encoded, samples, linear);
    tap->due += (now - tap->due) / BATCH * BATCH + BATCH;
    tap->next += samples;
    tap->position += samples;
    tap->sequence++;
    return 1;
}

static PyObject *feed_taps(PyObject *module, PyObject *args)
{
    PyObject *taps;
    long long now;
    if (!PyArg_ParseTuple(args, "O!L", &PyList_Type, &taps, &now))
        return NULL;
    for (Py_ssize_t index = 0; index < PyList_GET_SIZE(taps); index++) {
        PyObject *item = PyList_GET_ITEM(taps, index);
        if (!PyObject_TypeCheck(item, &TapType))
            return PyErr_Format(PyExc_TypeError, "a list of taps is needed");
        Tap *tap = (Tap *)item;
        if (now < tap->due || tap_go_on(tap, now))
            continue;
        Py_INCREF(item);
        PyObject *gave = PyObject_CallMethod(item, "tick", "L", now);
        Py_DECREF(item);
        if (!gave)
            return NULL;
        Py_DECREF(gave);
    }
    Py_RETURN_NONE;
}

static void tap_dealloc(Tap *tap)
{
    Py_XDECREF(tap->reel);
    Py_TYPE(tap)->tp_free((PyObject *)tap);
}

static Holder tap_reel = {offsetof(Tap, reel), &ReelType};
static PyGetSetDef tap_objects[] = {OBJECT("reel", &tap_reel), {NULL}};
static PyMemberDef tap_members[] = {
    NUMBER(Tap, descriptor), NUMBER(Tap, due), NUMBER(Tap, next), NUMBER(Tap, position), NUMBER(Tap, sequence),
    NUMBER(Tap, stream), NUMBER(Tap, unsent), {NULL}};

PyTypeObject TapType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "telephony.media._pump.Tap",
    .tp_basicsize = sizeof(Tap),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_new = PyType_GenericNew,
    .tp_dealloc = (destructor)tap_dealloc,
    .tp_members = tap_members,
    .tp_getset = tap_objects,
};

PyMethodDef sound_functions[] = {
    {"feed_taps", feed_taps, METH_VARARGS, NULL},
    {"interleave", interleave, METH_VARARGS, NULL},
    {"send_linear", send_linear, METH_VARARGS, NULL},
    {NULL},
};
