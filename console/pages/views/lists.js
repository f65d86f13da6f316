// A list of contacts into a campaign: a file is handed over, shown as it would be read, and taken in when that is right.
import { ElButton, ElProgress, html, onBeforeUnmount, onMounted, reactive, watch } from "../lib.js";
import { del, get, post, session } from "../api.js";
import { act } from "../act.js";
import { t, term } from "../i18n.js";

const ENCODINGS = { "utf-8-sig": "UTF-8", gb18030: "GB18030 / GBK", "utf-16": "UTF-16", "utf-16-le": "UTF-16 LE", "utf-16-be": "UTF-16 BE" };
const WORKING = ["checking", "taking"];
const WAITS = ["checked", "failed"]; // for somebody's word
const EVERY_MS = 400;

const counts = (prefix, found) => Object.entries(found).map(([name, count]) => html`<span class="tag" key=${name}>${term(prefix, name)} ${count}</span>`);
const choice = (id, value, options, chosen) => html`<select id=${id} onChange=${(event) => chosen(event.target.value)}>
  ${options.map(([key, words]) => html`<option key=${key} value=${key} selected=${key === value}>${words}</option>`)}
</select>`;

const sum = (found) => Object.values(found).reduce((all, each) => all + each, 0);

/** Of contacts into campaigns, or, with other properties, of records of a kind, of consents to calls for a purpose, or of numbers not to be called. */
export const ListImport = {
  props: { base: { type: String, default: "/lists" }, into: { type: String, default: "campaign" }, title: { type: String, default: "lists.import" }, known: { type: String, default: "" }, shown: { type: String, default: "" } },
  emits: ["taken"],
  setup(props, { emit }) {
    const state = reactive({ campaigns: [], campaign: "", file: null, one: null, others: 0, round: 0, busy: false });
    let due = 0;
    const may = () => ["supervisor", "admin"].includes(session.who?.role);
    const path = () => `${props.base}/${encodeURIComponent(state.one.id)}`;
    const ofContacts = props.into === "campaign";
    const ofConsents = props.into === "purpose";
    const ofBars = props.base === "/bar-lists";
    const named = (id) => (ofConsents ? `consent-${id}` : ofBars ? `bar-${id}` : id); // it may stand on a page with lists of contacts
    const target = (name) => (ofContacts ? name : ofConsents ? term("purpose", name) : ofBars ? term("bar", name) : t(`lists.records.${name}`));

    async function load() {
      if (!may()) return;
      const found = await get(props.base).catch(() => ({ campaigns: [], lists: [] }));
      state.campaigns = found.campaigns;
      aim();
      show(found.lists[0] ?? null);
      count(found.lists);
    }
    function count(lists) {
      state.others = lists.filter((each) => WAITS.includes(each.state) && each.id !== state.one?.id).length;
    }
    /** Lists go into the campaign that is looked at, where there is one. */
    function aim() {
      if (state.campaigns.includes(props.shown)) state.campaign = props.shown;
      state.campaign ||= state.campaigns[0] ?? "";
    }
    function show(one) {
      const before = state.one?.state;
      state.one = one;
      clearTimeout(due);
      if (one && WORKING.includes(one.state)) due = setTimeout(look, EVERY_MS);
      if (one?.state === "taken" && before === "taking") emit("taken");
    }
    async function look() {
      try {
        show(await get(path()));
      } catch {
        due = setTimeout(look, 5 * EVERY_MS);
      }
    }
    const upload = () => act(state, async () => {
      const query = new URLSearchParams({ [props.into]: state.campaign, name: state.file.name });
      const before = state.one;
      show(await post(`${props.base}?${query}`, state.file));
      if (WAITS.includes(before?.state)) state.others += 1;
      state.file = null;
      state.round += 1; // a fresh field: the same file may be chosen again
    });
    const again = (wanted) => {
      const now = state.one.look;
      const known = { encoding: now?.encoding ?? "", separator: now?.kind === "csv" ? now.separator : "", sheet: now?.sheet ?? "" };
      return act(state, async () => show(await post(`${path()}/check`, { ...known, ...wanted })));
    };
    const take = () => act(state, async () => show(await post(`${path()}/take`)));
    const forget = () => act(state, async () => {
      await del(path());
      const { lists } = await get(props.base);
      show(lists.find((each) => each.state !== "taken") ?? null);
      count(lists);
    });
    function give(heading, role) {
      const { name, numbers } = state.one.look;
      const order = numbers.filter((each) => each !== heading);
      if (/^\d+$/.test(role)) order.splice(Number(role), 0, heading);
      again({ numbers: order, name: role === "name" ? heading : name === heading ? "" : name });
    }

    onMounted(load);
    watch(() => props.known, async () => { // a campaign was made: lists may go into it
      if (!may()) return;
      const found = await get(props.base).catch(() => ({ campaigns: state.campaigns, lists: [] }));
      state.campaigns = found.campaigns;
      aim();
      const newest = found.lists[0] ?? null; // it may have come with the campaign
      if (newest && newest.id !== state.one?.id && !["checked", "taking"].includes(state.one?.state)) show(newest);
    });
    watch(() => props.shown, aim);
    onBeforeUnmount(() => clearTimeout(due));

    const column = (look, heading) => {
      const place = look.numbers.indexOf(heading);
      const role = place >= 0 ? String(place) : look.name === heading ? "name" : "";
      const places = look.numbers.length + (place >= 0 ? 0 : 1);
      const options = [["", t("lists.column.other")], ...(ofContacts ? [["name", t("lists.column.name")]] : []), ...Array.from({ length: places }, (_, at) => [String(at), t("lists.column.number", at + 1)])];
      if (!ofContacts && !ofBars) return html`<th key=${heading}>${heading}</th>`;
      return html`<th key=${heading}><div>${heading}</div>
        <select data-column=${heading} disabled=${state.busy} onChange=${(event) => give(heading, event.target.value)}>
          ${options.map(([key, words]) => html`<option key=${key} value=${key} selected=${key === role}>${words}</option>`)}
        </select></th>`;
    };
    const elsewhere = (found) => Object.entries(found).map(([name, count]) => html`<p class="quiet" key=${name}>${t("lists.elsewhere", name, count)}</p>`);
    const rejects = (rows) => rows.length > 0 && html`<ul class="list-rejects">${rows.map((row) => html`<li key=${row.line}><span class="mono">${t("lists.line", row.line)}</span> ${row.reason}</li>`)}</ul>`;
    const looked = (look) => html`<div class="list-look">
      <p>${look.kind === "xlsx"
        ? html`XLSX · ${t("lists.sheet")} ${choice(named("list-sheet"), look.sheet, look.sheets.map((each) => [each, each]), (sheet) => again({ sheet, numbers: [], name: "" }))}`
        : html`CSV · ${t("lists.encoding")} ${choice(named("list-encoding"), look.encoding, Object.entries(ENCODINGS), (encoding) => again({ encoding, separator: "", numbers: [], name: "" }))}`}</p>
      <div class="scroll"><table class="grid full" id=${named("list-columns")}><thead><tr>${look.headings.map((heading) => column(look, heading))}</tr></thead>
        <tbody>${look.samples.map((row, at) => html`<tr key=${at}>${look.headings.map((_, place) => html`<td>${row[place] ?? ""}</td>`)}</tr>`)}</tbody></table></div>
      <p id=${named("list-counts")}><strong>${ofBars ? t("bars.rows", look.rows, look.added, look.known, sum(look.flaws)) : t("lists.rows", look.rows, look.accepted)}</strong> ${counts("lists.kind", look.kinds)} ${look.several > 0 && html`<span class="tag">${t("lists.several", look.several)}</span>`}</p>
      <p class="tags" id=${named("list-flaws")}>${counts("lists.flaw", look.flaws)}</p>
      ${elsewhere(look.elsewhere)}
      ${rejects(look.rejects)}
    </div>`;
    const share = (one) => {
      const [done, of] = one.of ? [one.moved, one.of] : [one.read_bytes, one.size];
      return of ? Math.min(100, Math.round((100 * done) / of)) : 0;
    };
    const goes = (look) => (ofBars ? look.added : look.accepted);
    const card = (one) => html`<div class="list-import" id=${named("list")}>
      <p><strong>${one.name}</strong> → ${target(one.campaign)} <span class="tag" id=${named("list-state")}>${ofBars && one.state === "failed" && one.moved > 0 ? t("bars.partly", one.moved) : t(`lists.state.${one.state}`)}</span></p>
      ${WORKING.includes(one.state) && html`<${ElProgress} percentage=${share(one)} strokeWidth=${10} />`}
      ${one.fault && html`<p class="fault" role="alert">${one.fault}</p>`}
      ${one.look && ["checked", "checking"].includes(one.state) && looked(one.look)}
      ${one.state === "failed" && html`<p>${t("lists.encoding")} ${choice(named("list-encoding"), "", [["", t("lists.guess")], ...Object.entries(ENCODINGS)], (encoding) => again({ encoding, separator: "", sheet: "", numbers: [], name: "" }))}</p>`}
      ${one.taken && html`<p id=${named("list-taken")}><strong>${ofBars ? t("bars.taken", one.taken.added, one.taken.known, one.taken.rejected) : t("lists.taken", one.taken.accepted, one.taken.rejected)}</strong>
        ${one.taken.file && html`<a id=${named("list-rejects")} href=${`/api/v1${path()}/rejects.csv`} download>${t("lists.rejects")}</a>`}</p>
        ${elsewhere(one.taken.elsewhere)} ${rejects(one.taken.rejects)}`}
      <p>${one.state === "checked" && html`<${ElButton} id=${named("list-take")} type="primary" disabled=${state.busy || !goes(one.look)} onClick=${take}>${t(ofBars ? "bars.take" : "lists.take", goes(one.look))}<//>`}
        ${one.state !== "taking" && html`<${ElButton} id=${named("list-forget")} disabled=${state.busy} onClick=${forget}>${t(one.state === "taken" ? "lists.done" : "lists.forget")}<//>`}</p>
    </div>`;
    const form = () => html`<div class="list-import filters">
      <strong>${t(props.title)}</strong>
      ${choice(named("list-campaign"), state.campaign, state.campaigns.map((name) => [name, target(name)]), (name) => { state.campaign = name; })}
      <label class="plain file-choice">${state.file?.name ?? t("lists.file")}<input id=${named("list-file")} key=${state.round} type="file" accept=".csv,.txt,.xlsx" aria-label=${t("lists.file")} onChange=${(event) => { state.file = event.target.files[0] ?? null; }} /></label>
      <${ElButton} id=${named("list-upload")} type="primary" disabled=${state.busy || !state.file || WORKING.includes(state.one?.state)} onClick=${upload}>${t("lists.look")}<//>
      ${WAITS.includes(state.one?.state) && html`<span class="quiet" id=${named("list-waits")} role="status">${t("lists.waits", state.one.name, state.one.by)} ${state.others > 0 && t("lists.others", state.others)}</span>`}
    </div>`;
    return () => may() && html`<div>${state.campaigns.length > 0 && form()} ${state.one && card(state.one)}</div>`;
  },
};
