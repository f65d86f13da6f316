/* The hot path, compiled: twin of flow.py and pump.py (and _tape.c of rtp/tape.py and more), which say what each thing means.
 *
 * What it does is the same, byte for byte, and tests feed both the same packets. It is optional: without a compiler the
 * Python files are used (see native.py). Everything out of the ordinary is handed to Python.
 *
 * Lengths are checked before anything is read or written. The interpreter lock is held but for the wait in turn().
 *
 * Copyright 2026 The Line400 authors. SPDX-License-Identifier: Apache-2.0
 */
#include "_pump.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { VERSION = 4 };
enum { SPAN = 160, MANY = 80, VERY_MANY = 300, LONG_NAP_NS = 2500000, NAP_NS = 1250000 };
enum { HEADER = 12, PLAIN = 0x80, LARGEST = 2048, MOST_EVENTS = 512, MOST_DESCRIPTORS = 1 << 20 };

static uint32_t read32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void write32(unsigned char *at, uint32_t value)
{
    at[0] = value >> 24, at[1] = value >> 16, at[2] = value >> 8, at[3] = value;
}

PyObject *held_object(PyObject *self, void *closure)
{
    PyObject *held = *(PyObject **)((char *)self + ((Holder *)closure)->offset);
    return Py_NewRef(held ? held : Py_None);
}

int hold_object(PyObject *self, PyObject *value, void *closure)
{
    const Holder *holder = closure;
    PyObject **place = (PyObject **)((char *)self + holder->offset);
    if (value == Py_None)
        value = NULL;
    else if (value && holder->type && !PyObject_TypeCheck(value, holder->type)) {
        PyErr_Format(PyExc_TypeError, "%s is needed, not %s", holder->type->tp_name, Py_TYPE(value)->tp_name);
        return -1;
    }
    Py_XSETREF(*place, Py_XNewRef(value));
    return 0;
}

/* Clock */

typedef struct {
    PyObject_HEAD
    long long samples;
} Clock;

static PyMemberDef clock_members[] = {NUMBER(Clock, samples), {NULL}};

static PyTypeObject ClockType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "telephony.media._pump.Clock",
    .tp_basicsize = sizeof(Clock),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_members = clock_members,
};

/* Call what an attribute holds, which may be replaced meanwhile. */
static PyObject *call_held(PyObject *held, PyObject *arg)
{
    Py_INCREF(held);
    PyObject *gave = PyObject_CallOneArg(held, arg);
    Py_DECREF(held);
    return gave;
}

/* Voice */

typedef struct {
    PyObject_HEAD
    long long at, descriptor, octets, payload_type, sent, sent_at, sequence, ssrc, timestamp, unsent;
    PyObject *script, *transmit;
    Tape *tape;
} Voice;

/* Send the next packet; its payload stands behind the room for a header. -1: an exception is set. */
static int voice_pass_on(Voice *voice, unsigned sequence, uint32_t timestamp, unsigned char *packet, Py_ssize_t size,
                         long long now)
{
    int taken;
    voice->sequence = sequence, voice->timestamp = timestamp, voice->sent_at = now;
    packet[0] = PLAIN, packet[1] = voice->payload_type, packet[2] = sequence >> 8, packet[3] = sequence;
    write32(packet + 4, timestamp);
    write32(packet + 8, voice->ssrc);
    if (voice->descriptor >= 0)
        taken = send(voice->descriptor, packet, size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
    else {
        PyObject *gave = NULL, *data = PyBytes_FromStringAndSize((char *)packet, size);
        if (data)
            gave = call_held(voice->transmit, data);
        taken = gave != NULL;
        Py_XDECREF(data);
        Py_XDECREF(gave);
        if (!taken) {
            if (!PyErr_ExceptionMatches(PyExc_OSError))
                return -1;
            PyErr_Clear(); /* the far end's port is closed, or the network is gone: RTP goes on */
        }
    }
    if (taken)
        voice->sent++, voice->octets += size - HEADER;
    else
        voice->unsent++;
    if (voice->tape)
        return tape_add(voice->tape, voice->ssrc, timestamp, packet + HEADER, size - HEADER, now, 0);
    return 0;
}

/* 1: a frame of the script was sent; 0: there is none that simply goes on; -1: an exception is set. */
static int voice_go_on(Voice *voice, long long now)
{
    unsigned char packet[HEADER + FRAME];
    PyObject *script = voice->script;
    if (!script || !voice->transmit || voice->at < 0 || voice->at > PyBytes_GET_SIZE(script) - FRAME ||
        now - voice->sent_at >= RATE_HZ)
        return 0;
    memcpy(packet + HEADER, PyBytes_AS_STRING(script) + voice->at, FRAME);
    voice->at += FRAME;
    return voice_pass_on(voice, (voice->sequence + 1) & 0xFFFF, voice->timestamp + FRAME, packet, sizeof packet, now) < 0
               ? -1
               : 1;
}

static PyObject *voice_go_on_method(Voice *voice, PyObject *now)
{
    long long samples = PyLong_AsLongLong(now);
    int sent = samples == -1 && PyErr_Occurred() ? -1 : voice_go_on(voice, samples);
    return sent < 0 ? NULL : PyBool_FromLong(sent);
}

static PyObject *voice_send(Voice *voice, PyObject *args)
{
    unsigned second, sequence;
    unsigned long timestamp;
    Py_buffer payload;
    if (!PyArg_ParseTuple(args, "IIky*", &second, &sequence, &timestamp, &payload))
        return NULL;
    PyObject *data = NULL, *gave = NULL;
    if (voice->transmit && (data = PyBytes_FromStringAndSize(NULL, HEADER + payload.len))) {
        unsigned char *packet = (unsigned char *)PyBytes_AS_STRING(data);
        packet[0] = PLAIN, packet[1] = second, packet[2] = sequence >> 8, packet[3] = sequence;
        write32(packet + 4, timestamp);
        write32(packet + 8, voice->ssrc);
        memcpy(packet + HEADER, payload.buf, payload.len);
        gave = call_held(voice->transmit, data);
        if (gave)
            voice->sent++, voice->octets += payload.len;
        else if (PyErr_ExceptionMatches(PyExc_OSError)) {
            PyErr_Clear();
            voice->unsent++;
        }
        Py_XDECREF(gave);
    }
    Py_XDECREF(data);
    PyBuffer_Release(&payload);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

static PyObject *hand_over(PyObject *self, const char *method, PyObject *arg)
{
    return PyObject_CallMethod(self, method, "O", arg);
}

static int voice_init(Voice *voice, PyObject *args, PyObject *names)
{
    if (!PyArg_ParseTuple(args, ""))
        return -1;
    voice->descriptor = voice->payload_type = -1;
    return 0;
}

static int voice_traverse(Voice *voice, visitproc visit, void *arg)
{
    Py_VISIT(voice->script);
    Py_VISIT(voice->transmit);
    Py_VISIT(voice->tape);
    return 0;
}

static int voice_clear(Voice *voice)
{
    Py_CLEAR(voice->script);
    Py_CLEAR(voice->transmit);
    Py_CLEAR(voice->tape);
    return 0;
}

static void voice_dealloc(Voice *voice)
{
    PyObject_GC_UnTrack(voice);
    voice_clear(voice);
    Py_TYPE(voice)->tp_free((PyObject *)voice);
}

static Holder voice_script = {offsetof(Voice, script), &PyBytes_Type};
static Holder voice_transmit = {offsetof(Voice, transmit), NULL};
static Holder voice_tape = {offsetof(Voice, tape), &TapeType};
static PyGetSetDef voice_objects[] = {
    OBJECT("script", &voice_script), OBJECT("transmit", &voice_transmit), OBJECT("tape", &voice_tape), {NULL}};
static PyMemberDef voice_members[] = {
    NUMBER(Voice, at), NUMBER(Voice, descriptor), NUMBER(Voice, octets), NUMBER(Voice, payload_type),
    NUMBER(Voice, sent), NUMBER(Voice, sent_at), NUMBER(Voice, sequence), NUMBER(Voice, ssrc),
    NUMBER(Voice, timestamp), NUMBER(Voice, unsent), {NULL}};
static PyMethodDef voice_methods[] = {
    {"go_on", (PyCFunction)voice_go_on_method, METH_O, NULL},
    {"send", (PyCFunction)voice_send, METH_VARARGS, NULL},
    {NULL},
};

static PyTypeObject VoiceType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "telephony.media._pump.Voice",
    .tp_basicsize = sizeof(Voice),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_new = PyType_GenericNew,
    .tp_init = (initproc)voice_init,
    .tp_dealloc = (destructor)voice_dealloc,
    .tp_traverse = (traverseproc)voice_traverse,
    .tp_clear = (inquiry)voice_clear,
    .tp_methods = voice_methods,
    .tp_members = voice_members,
    .tp_getset = voice_objects,
};

static PyObject *speak(PyObject *module, PyObject *args)
{
    PyObject *voices;
    int passed;
    long long now;
    if (!PyArg_ParseTuple(args, "O!iL", &PyList_Type, &voices, &passed, &now))
        return NULL;
    for (Py_ssize_t index = 0; index < PyList_GET_SIZE(voices); index++) { /* a tick may change the list */
        PyObject *item = PyList_GET_ITEM(voices, index);
        if (!PyObject_TypeCheck(item, &VoiceType))
            return PyErr_Format(PyExc_TypeError, "a list of voices is needed");
        Py_INCREF(item);
        int sent = passed == 1 ? voice_go_on((Voice *)item, now) : 0;
        if (sent == 0) {
            PyObject *gave = PyObject_CallMethod(item, "tick", "i", passed);
            sent = gave ? 1 : -1;
            Py_XDECREF(gave);
        }
        Py_DECREF(item);
        if (sent < 0)
            return NULL;
    }
    Py_RETURN_NONE;
}

/* Flow */

typedef struct {
    PyObject_HEAD
    long long clock_ratio, heard_at, jitter, next_sequence, payload_type, run, sequence_offset, ssrc, timestamp_offset,
        transit;
    Clock *clock;
    Voice *hearer;
    PyObject *put, *table;
    Tape *tape;
} Flow;

static void flow_reckon(Flow *flow, uint32_t timestamp)
{
    uint32_t transit = (uint32_t)(flow->clock->samples * flow->clock_ratio) - timestamp;
    if (flow->transit >= 0) {
        long long step = (int32_t)(transit - (uint32_t)flow->transit);
        step = step < 0 ? -step : step;
        if (step <= RATE_HZ * flow->clock_ratio)
            flow->jitter += step - ((flow->jitter + 8) >> 4);
    }
    flow->transit = transit;
}

/* 1: taken; 0: not ordinary, and nothing was done; -1: an exception is set. The packet is overwritten. */
static int flow_hear(Flow *flow, unsigned char *packet, Py_ssize_t size)
{
    if (size <= HEADER || packet[0] != PLAIN || packet[1] != flow->payload_type || !flow->clock)
        return 0;
    unsigned sequence = (unsigned)packet[2] << 8 | packet[3];
    uint32_t timestamp = read32(packet + 4), ssrc = read32(packet + 8);
    if (sequence != flow->next_sequence || ssrc != flow->ssrc)
        return 0;
    long long now = flow->clock->samples;
    unsigned char *payload = packet + HEADER;
    Py_ssize_t length = size - HEADER;
    flow->next_sequence = (sequence + 1) & 0xFFFF;
    flow->run++;
    flow->heard_at = now;
    flow_reckon(flow, timestamp);
    if (flow->tape && tape_add(flow->tape, ssrc, timestamp, payload, length, now, 0) < 0)
        return -1;
    if (flow->put) {
        PyObject *put = Py_NewRef(flow->put);
        PyObject *gave = PyObject_CallFunction(put, "Iky#L", sequence, (unsigned long)timestamp, payload, length, now);
        Py_DECREF(put);
        if (!gave)
            return -1;
        Py_DECREF(gave);
    }
    Voice *hearer = flow->hearer;
    if (!hearer || !hearer->transmit)
        return 1;
    if (flow->table && PyBytes_GET_SIZE(flow->table) == 256) {
        const unsigned char *table = (unsigned char *)PyBytes_AS_STRING(flow->table);
        for (Py_ssize_t index = 0; index < length; index++)
            payload[index] = table[payload[index]];
    }
    Py_INCREF(hearer);
    int failed = voice_pass_on(hearer, (sequence + flow->sequence_offset) & 0xFFFF,
                               (uint32_t)(timestamp + flow->timestamp_offset), packet, size, now);
    Py_DECREF(hearer);
    return failed < 0 ? -1 : 1;
}

static PyObject *flow_hear_method(PyObject *flow, PyObject *data)
{
    unsigned char packet[LARGEST];
    if (!PyBytes_Check(data))
        return PyErr_Format(PyExc_TypeError, "bytes are needed");
    Py_ssize_t size = PyBytes_GET_SIZE(data);
    int taken = 0;
    if (size <= LARGEST) {
        memcpy(packet, PyBytes_AS_STRING(data), size);
        taken = flow_hear((Flow *)flow, packet, size);
    }
    return taken < 0 ? NULL : taken ? Py_NewRef(Py_None) : hand_over(flow, "stray", data);
}

static PyObject *flow_reckon_method(Flow *flow, PyObject *timestamp)
{
    unsigned long value = PyLong_AsUnsignedLongMask(timestamp);
    if (PyErr_Occurred())
        return NULL;
    if (!flow->clock)
        return PyErr_Format(PyExc_RuntimeError, "a flow without a clock");
    flow_reckon(flow, value);
    Py_RETURN_NONE;
}

static int flow_init(Flow *flow, PyObject *args, PyObject *names)
{
    PyObject *clock;
    if (!PyArg_ParseTuple(args, "O!", &ClockType, &clock))
        return -1;
    Py_XSETREF(flow->clock, (Clock *)Py_NewRef(clock));
    flow->clock_ratio = 1;
    flow->heard_at = flow->clock->samples;
    flow->next_sequence = flow->payload_type = flow->ssrc = flow->transit = -1;
    return 0;
}

static int flow_traverse(Flow *flow, visitproc visit, void *arg)
{
    Py_VISIT(flow->clock);
    Py_VISIT(flow->hearer);
    Py_VISIT(flow->put);
    Py_VISIT(flow->table);
    Py_VISIT(flow->tape);
    return 0;
}

static int flow_clear(Flow *flow)
{
    Py_CLEAR(flow->hearer);
    Py_CLEAR(flow->put);
    Py_CLEAR(flow->table);
    Py_CLEAR(flow->tape);
    return 0; /* a clock is part of no cycle, and a flow is never without once it was initialised */
}

static void flow_dealloc(Flow *flow)
{
    PyObject_GC_UnTrack(flow);
    flow_clear(flow);
    Py_CLEAR(flow->clock);
    Py_TYPE(flow)->tp_free((PyObject *)flow);
}

static Holder flow_hearer = {offsetof(Flow, hearer), &VoiceType};
static Holder flow_put = {offsetof(Flow, put), NULL};
static Holder flow_table = {offsetof(Flow, table), &PyBytes_Type};
static Holder flow_tape = {offsetof(Flow, tape), &TapeType};
static PyGetSetDef flow_objects[] = {OBJECT("hearer", &flow_hearer), OBJECT("put", &flow_put),
                                     OBJECT("table", &flow_table), OBJECT("tape", &flow_tape), {NULL}};
static PyMemberDef flow_members[] = {
    {"clock", T_OBJECT_EX, offsetof(Flow, clock), READONLY, NULL},
    NUMBER(Flow, clock_ratio), NUMBER(Flow, heard_at), NUMBER(Flow, jitter), NUMBER(Flow, next_sequence),
    NUMBER(Flow, payload_type), NUMBER(Flow, run), NUMBER(Flow, sequence_offset), NUMBER(Flow, ssrc),
    NUMBER(Flow, timestamp_offset), NUMBER(Flow, transit), {NULL}};
static PyMethodDef flow_methods[] = {
    {"hear", flow_hear_method, METH_O, NULL},
    {"reckon", (PyCFunction)flow_reckon_method, METH_O, NULL},
    {NULL},
};

static PyTypeObject FlowType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "telephony.media._pump.Flow",
    .tp_basicsize = sizeof(Flow),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_new = PyType_GenericNew,
    .tp_init = (initproc)flow_init,
    .tp_dealloc = (destructor)flow_dealloc,
    .tp_traverse = (traverseproc)flow_traverse,
    .tp_clear = (inquiry)flow_clear,
    .tp_methods = flow_methods,
    .tp_members = flow_members,
    .tp_getset = flow_objects,
};

/* Pump */

typedef struct {
    PyObject_HEAD
    long long begin_ns, span, carried; /* packets in this span of the clock */
    Clock *clock;
    PyObject **takers; /* by descriptor: a Flow, or what is to be called; NULL where nobody watches */
    int epoll, size, nap_ns;
} Pump;

static PyObject *failed(void)
{
    return PyErr_SetFromErrno(PyExc_OSError);
}

static PyObject *pump_add(Pump *pump, PyObject *args, PyTypeObject *type)
{
    int descriptor;
    PyObject *taker;
    if (!PyArg_ParseTuple(args, "iO", &descriptor, &taker))
        return NULL;
    if (descriptor < 0 || descriptor >= MOST_DESCRIPTORS || (type && !PyObject_TypeCheck(taker, type)) ||
        (!type && !PyCallable_Check(taker)))
        return PyErr_Format(PyExc_ValueError, "a descriptor and who takes what comes there are needed");
    if (descriptor >= pump->size) {
        int size = 2 * descriptor + 16;
        PyObject **takers = PyMem_Realloc(pump->takers, size * sizeof *takers);
        if (!takers)
            return PyErr_NoMemory();
        memset(takers + pump->size, 0, (size - pump->size) * sizeof *takers);
        pump->takers = takers, pump->size = size;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    if (epoll_ctl(pump->epoll, EPOLL_CTL_ADD, descriptor, &event) < 0)
        return failed();
    Py_XSETREF(pump->takers[descriptor], Py_NewRef(taker));
    Py_RETURN_NONE;
}

static PyObject *pump_watch(Pump *pump, PyObject *args)
{
    return pump_add(pump, args, NULL);
}

static PyObject *pump_carry(Pump *pump, PyObject *args)
{
    return pump_add(pump, args, &FlowType);
}

static PyObject *pump_forget(Pump *pump, PyObject *arg)
{
    long descriptor = PyLong_AsLong(arg);
    if (descriptor == -1 && PyErr_Occurred())
        return NULL;
    if (descriptor >= 0 && descriptor < pump->size && pump->takers[descriptor]) {
        Py_CLEAR(pump->takers[descriptor]);
        if (epoll_ctl(pump->epoll, EPOLL_CTL_DEL, descriptor, NULL) < 0)
            return failed();
    }
    Py_RETURN_NONE;
}

static PyObject *pump_writing(Pump *pump, PyObject *args)
{
    int descriptor, wanted;
    if (!PyArg_ParseTuple(args, "ip", &descriptor, &wanted))
        return NULL;
    struct epoll_event event = {.events = EPOLLIN | (wanted ? EPOLLOUT : 0), .data.fd = descriptor};
    return epoll_ctl(pump->epoll, EPOLL_CTL_MOD, descriptor, &event) < 0 ? failed() : Py_NewRef(Py_None);
}

/* One datagram of a connected socket. -1: an exception is set. */
static int pump_read(int descriptor, PyObject *flow)
{
    unsigned char packet[LARGEST];
    ssize_t size = recv(descriptor, packet, sizeof packet, MSG_DONTWAIT);
    if (size < 0)
        return 0; /* nothing there, or the far end's port is closed (ICMP) */
    int taken = flow_hear((Flow *)flow, packet, size);
    if (taken == 0) {
        PyObject *data = PyBytes_FromStringAndSize((char *)packet, size);
        PyObject *gave = data ? hand_over(flow, "stray", data) : NULL;
        taken = gave ? 1 : -1;
        Py_XDECREF(data);
        Py_XDECREF(gave);
    }
    return taken;
}

static long long since(const Pump *pump)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec - pump->begin_ns;
}

/* Wait for the next moment of the clock that is a multiple of the nap. */
static void doze(const Pump *pump)
{
    long long wake_ns = since(pump) / pump->nap_ns * pump->nap_ns + pump->nap_ns + pump->begin_ns;
    struct timespec wake = {wake_ns / 1000000000, wake_ns % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, NULL);
}

static PyObject *pump_turn(Pump *pump, PyObject *unused)
{
    struct epoll_event events[MOST_EVENTS];
    int count;
    Py_BEGIN_ALLOW_THREADS
    if (pump->nap_ns)
        doze(pump);
    count = epoll_wait(pump->epoll, events, MOST_EVENTS, -1);
    Py_END_ALLOW_THREADS
    if (count < 0)
        return errno == EINTR && !PyErr_CheckSignals() ? Py_NewRef(Py_None) : PyErr_Occurred() ? NULL : failed();
    pump->clock->samples = since(pump) / (1000000000 / RATE_HZ);
    if (pump->clock->samples / SPAN != pump->span) {
        pump->nap_ns = pump->carried < MANY ? 0 : pump->carried < VERY_MANY ? LONG_NAP_NS : NAP_NS;
        pump->span = pump->clock->samples / SPAN;
        pump->carried = 0;
    }
    for (int index = 0; index < count; index++) {
        int descriptor = events[index].data.fd;
        PyObject *taker = descriptor < pump->size ? pump->takers[descriptor] : NULL;
        if (!taker)
            continue; /* forgotten since, in this turn */
        Py_INCREF(taker);
        int done = 0;
        if (PyObject_TypeCheck(taker, &FlowType))
            done = pump_read(descriptor, taker), pump->carried++;
        else {
            PyObject *gave = PyObject_CallNoArgs(taker);
            done = gave ? 1 : -1;
            Py_XDECREF(gave);
        }
        Py_DECREF(taker);
        if (done < 0)
            return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *pump_close(Pump *pump, PyObject *unused)
{
    for (int descriptor = 0; descriptor < pump->size; descriptor++)
        Py_CLEAR(pump->takers[descriptor]);
    if (pump->epoll >= 0)
        close(pump->epoll);
    pump->epoll = -1;
    Py_RETURN_NONE;
}

static int pump_init(Pump *pump, PyObject *args, PyObject *names)
{
    PyObject *clock;
    if (!PyArg_ParseTuple(args, "O!L", &ClockType, &clock, &pump->begin_ns))
        return -1;
    pump->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (pump->epoll < 0)
        return failed(), -1;
    Py_XSETREF(pump->clock, (Clock *)Py_NewRef(clock));
    return 0;
}

static void pump_dealloc(Pump *pump)
{
    if (pump->clock)
        Py_XDECREF(pump_close(pump, NULL));
    PyMem_Free(pump->takers);
    Py_XDECREF(pump->clock);
    Py_TYPE(pump)->tp_free((PyObject *)pump);
}

static PyMethodDef pump_methods[] = {
    {"watch", (PyCFunction)pump_watch, METH_VARARGS, NULL},
    {"carry", (PyCFunction)pump_carry, METH_VARARGS, NULL},
    {"forget", (PyCFunction)pump_forget, METH_O, NULL},
    {"writing", (PyCFunction)pump_writing, METH_VARARGS, NULL},
    {"turn", (PyCFunction)pump_turn, METH_NOARGS, NULL},
    {"close", (PyCFunction)pump_close, METH_NOARGS, NULL},
    {NULL},
};

static PyTypeObject PumpType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "telephony.media._pump.Pump",
    .tp_basicsize = sizeof(Pump),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_init = (initproc)pump_init,
    .tp_dealloc = (destructor)pump_dealloc,
    .tp_methods = pump_methods,
};

static PyMethodDef functions[] = {{"speak", speak, METH_VARARGS, NULL}, {NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_pump", NULL, -1, functions};

PyMODINIT_FUNC PyInit__pump(void)
{
    static const struct {
        const char *name;
        PyTypeObject *type;
    } types[] = {{"Clock", &ClockType}, {"NewTape", &TapeType}, {"NewReel", &ReelType}, {"Tap", &TapType},
                 {"Voice", &VoiceType}, {"Flow", &FlowType}, {"Pump", &PumpType}};
    PyObject *made = PyModule_Create(&module);
    if (made && (PyModule_AddIntConstant(made, "VERSION", VERSION) < 0 || PyModule_AddFunctions(made, sound_functions) < 0))
        Py_CLEAR(made);
    for (size_t index = 0; made && index < sizeof types / sizeof *types; index++)
        if (PyType_Ready(types[index].type) < 0 ||
            PyModule_AddObjectRef(made, types[index].name, (PyObject *)types[index].type) < 0)
            Py_CLEAR(made);
    return made;
}
