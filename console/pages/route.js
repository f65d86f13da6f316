// The address after #: `#/calls?queue=sales`, `#/call/c-01…`.
import { reactive } from "./lib.js";

export const route = reactive({ name: "live", id: "", query: {} });

function read() {
  const [path, search = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [name = "", id = ""] = path.split("/");
  route.name = name || "live";
  route.id = decodeURIComponent(id);
  route.query = Object.fromEntries(new URLSearchParams(search));
}

export function go(name, id = "", query = {}) {
  const pairs = Object.entries(query).filter(([, value]) => value !== "" && value != null);
  const search = new URLSearchParams(pairs).toString();
  location.hash = `#/${name}${id ? `/${encodeURIComponent(id)}` : ""}${search ? `?${search}` : ""}`;
}

/** Put the filters of this page into the address without a new entry in the history, so that a link to the page keeps them. */
export function note(query) {
  const pairs = Object.entries(query).filter(([, value]) => value !== "" && value != null);
  const search = new URLSearchParams(pairs).toString();
  history.replaceState(null, "", `#/${route.name}${route.id ? `/${encodeURIComponent(route.id)}` : ""}${search ? `?${search}` : ""}`);
}

window.addEventListener("hashchange", read);
read();
