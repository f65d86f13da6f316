// Talks to the API. Errors come as problem details and are thrown as `Problem`.
import { reactive } from "./lib.js";
import { problemText, said, t } from "./i18n.js";

export const session = reactive({ checked: false, who: null, directory: null });

export class Problem extends Error {
  constructor(status, body) {
    super(problemText(status, body));
    this.status = status;
    this.code = (body.type ?? "").split(":").pop();
    this.where = body.where ?? "";
  }
}

async function call(method, path, body) {
  const headers = { Accept: "application/json" };
  const file = body instanceof Blob; // a file goes as it is
  if (body !== undefined) headers["Content-Type"] = file ? "application/octet-stream" : "application/json";
  if (method !== "GET" && session.who) headers["X-CSRF-Token"] = session.who.csrf;
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, { method, headers, body: body === undefined || file ? body : JSON.stringify(body) });
  } catch {
    throw new Problem(0, { title: t("offline") });
  }
  if (answer.status === 204) return null;
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const problem = new Problem(answer.status, data);
    if (problem.code === "not_signed_in") session.who = null;
    throw problem;
  }
  return data;
}

export const get = (path) => call("GET", path);
export const put = (path, body) => call("PUT", path, body);
export const post = (path, body) => call("POST", path, body);
export const del = (path) => call("DELETE", path);

/** `{a: 1, b: ""}` as `?a=1`; what is empty is left out. */
export function query(values) {
  const pairs = Object.entries(values).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const text = new URLSearchParams(pairs).toString();
  return text ? `?${text}` : "";
}

async function enter(who) {
  session.directory = who.must_change ? null : await get("/directory");
  session.who = who;
}

export async function resume() {
  try {
    await enter(await call("GET", "/session"));
  } catch (problem) {
    if (problem.status !== 401) throw problem;
  } finally {
    session.checked = true;
  }
}

export async function signIn(name, password) {
  const who = await call("POST", "/session", { name, password });
  await enter(who);
}

export async function signOut() {
  try {
    await call("DELETE", "/session");
  } finally {
    session.who = null;
  }
}

export async function changePassword(old, fresh) {
  const who = await call("PUT", "/session/password", { old, new: fresh });
  await enter(who);
}

export const queueTitle = (id) => session.directory?.queues.find((queue) => queue.id === id)?.title || id;
export const surveyTitle = (id) => said(session.directory?.surveys.find((one) => one.id === id)) || id;
export const agentName = (id) => {
  const agent = session.directory?.agents.find((one) => one.id === id);
  if (!agent) return id;
  const extension = agent.extension || agent.id;
  return agent.name === extension ? extension : `${agent.name} ${extension}`;
};
