/* What is kept of packets, compiled: twin of rtp/tape.py, rtp/reel.py and samples.py. See _pump.c.
 *
 * Copyright 2026 The Line400 authors. SPDX-License-Identifier: Apache-2.0
 */
#include "_pump.h"

#include <sys/socket.h>

enum { MAX_HELD = 1 << 16, MAX_RUN = 4000, MAX_STRAY = 800 };
enum { RING = 1 << 14, EARLY = -1600, LATE = 4000, DRIFT_WINDOW = 250 };

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

static PyObject *reel_follow(Reel *reel, PyObject *unused)
{
    Tape *tape = reel->tape;
    if (!tape->count)
        Py_RETURN_TRUE;
    const Run *run = &tape->runs[0];
    if (tape->count > 1 || run->begins || run->ssrc != reel->ssrc || reel->holes || reel->misfits ||
        run->length > RING || reel->seen + run->packets >= DRIFT_WINDOW)
        Py_RETURN_FALSE;
    long long position = reel->position + (int32_t)(run->timestamp - (uint32_t)reel->timestamp);
    long long lateness = run->arrival - position;
    if (position != reel->head || lateness <= EARLY || lateness >= LATE)
        Py_RETURN_FALSE;
    if (lateness + run->least < reel->least_late)
        reel->least_late = lateness + run->least;
    reel->seen += run->packets;
    reel->timestamp = run->timestamp;
    reel->position = position;
    reel_lay(reel, position, tape->bytes + run->start, run->length);
    tape->held = tape->count = 0;
    Py_RETURN_TRUE;
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
    Py_TYPE(reel)->tp_free((PyObject *)reel);
}

static PyMemberDef reel_members[] = {
    NUMBER(Reel, head), NUMBER(Reel, holes), NUMBER(Reel, least_late), NUMBER(Reel, misfits), NUMBER(Reel, position),
    NUMBER(Reel, seen), NUMBER(Reel, ssrc), NUMBER(Reel, timestamp),
    {"tape", T_OBJECT_EX, offsetof(Reel, tape), READONLY, NULL}, {NULL}};
static PyMethodDef reel_methods[] = {
    {"lay", (PyCFunction)reel_lay_method, METH_VARARGS, NULL},
    {"hush", (PyCFunction)reel_hush_method, METH_O, NULL},
    {"copy", (PyCFunction)reel_copy, METH_VARARGS, NULL},
    {"recode", (PyCFunction)reel_recode, METH_VARARGS, NULL},
    {"follow", (PyCFunction)reel_follow, METH_NOARGS, NULL},
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

static PyObject *send_linear(PyObject *module, PyObject *args)
{
    int descriptor, sent = -1;
    Py_buffer header, encoded, linear;
    unsigned char datagram[64 + 2 * 2048];
    if (!PyArg_ParseTuple(args, "iy*y*y*", &descriptor, &header, &encoded, &linear))
        return NULL;
    if (header.len > 64 || encoded.len > 2048 || linear.len != 512)
        PyErr_SetString(PyExc_ValueError, "too long for a datagram, or no table of 256 samples");
    else {
        const int16_t *table = linear.buf;
        memcpy(datagram, header.buf, header.len);
        for (Py_ssize_t index = 0; index < encoded.len; index++)
            put_sample(datagram + header.len + 2 * index, table[((unsigned char *)encoded.buf)[index]]);
        sent = send(descriptor, datagram, header.len + 2 * encoded.len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
    }
    PyBuffer_Release(&header);
    PyBuffer_Release(&encoded);
    PyBuffer_Release(&linear);
    return sent < 0 ? NULL : PyBool_FromLong(sent);
}

PyMethodDef sound_functions[] = {
    {"interleave", interleave, METH_VARARGS, NULL},
    {"send_linear", send_linear, METH_VARARGS, NULL},
    {NULL},
};
