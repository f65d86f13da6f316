/* Shared by _pump.c (packets) and _tape.c (what is kept of them). See there.
 *
 * Copyright 2026 The Line400 authors. SPDX-License-Identifier: Apache-2.0
 */
#ifndef LINE400_PUMP_H
#define LINE400_PUMP_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

#include <stdint.h>
#include <string.h>

enum { RATE_HZ = 8000, FRAME = 160 };

#define NUMBER(type, name) {#name, T_LONGLONG, offsetof(type, name), 0, NULL}

/* Attributes that hold an object of one type, or None (which is NULL here). */
typedef struct {
    size_t offset;
    PyTypeObject *type; /* NULL: any */
} Holder;

PyObject *held_object(PyObject *self, void *closure);
int hold_object(PyObject *self, PyObject *value, void *closure);
#define OBJECT(name, holder) {name, held_object, hold_object, NULL, holder}

typedef struct Tape Tape;
extern PyTypeObject TapeType, ReelType, TapType;
extern PyMethodDef sound_functions[];

/* Note a packet. -1: an exception is set. */
int tape_add(Tape *tape, uint32_t ssrc, uint32_t timestamp, const unsigned char *payload, Py_ssize_t length,
             long long arrival, int begins);

#endif
