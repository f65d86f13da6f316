// Whom to call, by reason: rows of conditions, how many people are left after each, kept by name, led into a campaign.
import { ElButton, html, nextTick, onBeforeUnmount, onMounted, reactive } from "../lib.js";
import { del, get, post } from "../api.js";
import { act, rowButton } from "../act.js";
import { language, t } from "../i18n.js";
import { moment, phone } from "../format.js";
import { joinNames, splitNames } from "../names.js";
import { route } from "../route.js";
import { ListImport } from "./lists.js";
import { isSupervisor } from "./supervise.js";

const EVERY_MS = 1000;
const OFFERS = { model: "models", segment: "segments", visited: "visits", campaign: "campaigns", offer: "offers" };
const blank = (reason) => ({ reason, least: "", most: "", names: "", negated: false });
const whole = (text) => (text === "" || text === null ? null : Number(text));
const wanted = (row) => ({
  reason: row.reason, negated: row.negated, least: whole(row.least), most: whole(row.most),
  names: splitNames(row.names),
});
const shown = (one) => ({ ...one, least: one.least ?? "", most: one.most ?? "", names: joinNames(one.names) });

export const SelectionsView = {
  setup() {
    const state = reactive({ all: null, rows: [], name: "", replaces: null, look: null, busy: false, fault: "", campaign: "", living: false, again: 0, hold: "", effects: {} });
    let due = 0;
    const shapeOf = (row) => state.all.reasons.find((one) => one.reason === row.reason);
    const said = (one) => (language.value === "en" ? one.en : one.zh);

    async function load() {
      try {
        state.all = await get("/selections");
        state.campaign ||= state.all.campaigns[0] ?? "";
        if (!state.rows.length && route.query.offer) {
          state.rows = [{ ...blank("offer"), names: joinNames([route.query.offer]) }];
          count();
        }
        if (!state.rows.length) state.rows = [blank(state.all.reasons[0].reason)];
        clearTimeout(due);
        if (state.all.feeds.some((feed) => feed.looking)) due = setTimeout(load, EVERY_MS);
      } catch (problem) {
        state.fault = problem.message;
      }
    }
    onMounted(() => { if (isSupervisor()) load(); });
    onBeforeUnmount(() => clearTimeout(due));

    const changed = () => { state.look = null; };
    const conditions = () => state.rows.map(wanted);
    const count = () => act(state, async () => { state.look = await post("/selections/preview", { conditions: conditions() }); });
    const keep = () => act(state, async () => {
      const { at } = await post("/selections", { name: state.name.trim(), conditions: conditions(), replaces: state.replaces });
      state.replaces = at;
      await load();
    });
    const forget = (name) => act(state, async () => {
      await del(`/selections/${encodeURIComponent(name)}`);
      await load();
    });
    const take = () => act(state, async () => {
      await post(`/selections/${encodeURIComponent(state.name.trim())}/take`, { campaign: state.campaign, living: state.living, again_days: state.living ? Number(state.again) : 0, hold_out: state.hold === "" ? null : Number(state.hold) });
      await load();
    });
    const end = (campaign) => act(state, async () => {
      await del(`/feeds/${encodeURIComponent(campaign)}`);
      await load();
    });
    const measure = (campaign) => act(state, async () => { state.effects[campaign] = await get(`/feeds/${encodeURIComponent(campaign)}/effect`); });
    function open(one) {
      Object.assign(state, { rows: one.conditions.map(shown), name: one.name, replaces: one.at, look: null });
      count();
    }
    function add() {
      state.rows.push(blank(state.all.reasons[0].reason));
      changed();
      nextTick(() => document.querySelector(`#selections-reason-${state.rows.length - 1}`)?.focus());
    }
    function remove(at) {
      state.rows.splice(at, 1);
      changed();
    }
    /** Enter counts, from whichever field. */
    const onEnter = (event) => { if (event.key === "Enter" && !event.isComposing && !state.busy) count(); };

    const field = (row, key, at, more) => html`<input ...${more} id=${`selections-${key}-${at}`} aria-label=${t(`selections.${key}`)} placeholder=${t(`selections.${key}`)} value=${row[key]} onInput=${(event) => { row[key] = event.target.value; changed(); }} onKeydown=${onEnter} />`;
    const left = (at) => {
      if (!state.look) return false;
      const place = state.look.order.indexOf(at);
      const before = place > 0 ? state.look.left[state.look.order[place - 1]] : state.look.with_cars ?? state.look.people;
      return html`<span class="selections-left mono" id=${`selections-left-${at}`}>${t("selections.left", before - state.look.left[at], state.look.left[at])}</span>`;
    };
    const names = (row, at, shape) => {
      if (shape.names === "no") return false;
      const known = shape.known.length ? shape.known : state.all[OFFERS[row.reason]] ?? [];
      return [field(row, "names", at, { class: "selections-names", list: `selections-known-${at}`, maxlength: 4000 }),
        html`<datalist id=${`selections-known-${at}`}>${known.map((name) => html`<option key=${name} value=${name} label=${row.reason === "interest" ? t(`interest.${name}`) : name} />`)}</datalist>`];
    };
    const line = (row, at) => {
      const shape = shapeOf(row);
      return html`<div class="selections-row" key=${at}>
        <label><input type="checkbox" id=${`selections-not-${at}`} checked=${row.negated} onChange=${(event) => { row.negated = event.target.checked; changed(); }} /> ${t("selections.not")}</label>
        <select id=${`selections-reason-${at}`} aria-label=${t("selections.reason")} onChange=${(event) => { Object.assign(row, blank(event.target.value), { negated: row.negated }); changed(); }}>
          ${state.all.reasons.map((one) => html`<option key=${one.reason} value=${one.reason} selected=${one.reason === row.reason}>${said(one)}</option>`)}</select>
        ${shape.unit && [field(row, "least", at, { type: "number", min: 0, max: shape.reach }), "–", field(row, "most", at, { type: "number", min: 0, max: shape.reach }), t(`selections.unit.${shape.unit}`)]}
        ${names(row, at, shape)}
        ${rowButton("remove", at, t("selections.remove"), () => remove(at), state.rows.length < 2)}
        ${left(at)}
        ${state.look?.unknown[at].length > 0 && html`<span class="fault" role="alert" id=${`selections-unknown-${at}`}>${t("selections.unknown", state.look.unknown[at].join("、"))}</span>`}
      </div>`;
    };
    const people = (look) => html`<p id="selections-count"><strong>${t("selections.matching", look.matching, look.callable)}</strong>
        <span class="quiet">${t("selections.people", look.people)}${look.with_cars === null ? "" : ` · ${t("selections.cars", look.with_cars)}`}</span></p>
      ${look.first.length > 0 && html`<h3>${t("selections.first", look.first.length)}</h3><div class="scroll"><table class="grid full" id="selections-people"><thead><tr><th>${t("name")}</th><th>${t("number")}</th><th>${t("selections.car")}</th><th>${t("selections.since")}</th></tr></thead>
        <tbody>${look.first.map((one, at) => html`<tr key=${at}><td>${one.name}</td><td class="mono">${one.numbers.map(phone).join("，")}</td><td>${[one.model, one.plate].filter(Boolean).join(" · ")}</td><td class="mono">${one.since}</td></tr>`)}</tbody></table></div>`}`;
    const kept = () => state.all.selections.some((one) => one.name === state.name.trim());
    const into = () => kept() && state.all.campaigns.length > 0 && html`<div class="selections-take">
      <select id="selections-campaign" aria-label=${t("campaigns")} onChange=${(event) => { state.campaign = event.target.value; }}>${state.all.campaigns.map((name) => html`<option key=${name} value=${name} selected=${name === state.campaign}>${name}</option>`)}</select>
      <label><input type="checkbox" id="selections-living" checked=${state.living} onChange=${(event) => { state.living = event.target.checked; }} /> ${t("selections.living")}</label>
      ${state.living && html`<label>${t("selections.again")} <input type="number" id="selections-again" min="0" max="3650" value=${state.again} onInput=${(event) => { state.again = event.target.value; }} /></label>`}
      <label>${t("selections.hold")} <input type="number" id="selections-hold" min="0" max="50" value=${state.hold} onInput=${(event) => { state.hold = event.target.value; }} /></label>
      <${ElButton} id="selections-take" disabled=${state.busy} onClick=${take}>${t("selections.take")}<//></div>`;
    const form = () => html`<section class="card grow"><h2>${t("selections")}</h2>
      ${state.rows.map(line)}
      <div class="selections-keep"><${ElButton} id="selections-add" disabled=${state.rows.length >= 20} onClick=${add}>${t("selections.add")}<//>
        <${ElButton} id="selections-look" type="primary" disabled=${state.busy} onClick=${count}>${t("selections.look")}<//>
        <input id="selections-name" aria-label=${t("selections.name")} placeholder=${t("selections.name")} maxlength="60" value=${state.name} onInput=${(event) => { state.name = event.target.value; }} />
        <${ElButton} id="selections-keep" disabled=${state.busy || !state.name.trim()} onClick=${keep}>${t("selections.keep")}<//></div>
      ${into()}
      ${state.look && people(state.look)}</section>`;
    const points = (value) => (value == null ? "—" : `${value > 0 ? "+" : ""}${(100 * value).toFixed(1)}%`);
    const both = (words, one) => html`<p>${t("selections.compared", t(`selections.${words}`), one.called.hits, one.called.of, one.held_out.hits, one.held_out.of, points(one.difference))}
      <span class="quiet">(${points(one.low)} – ${points(one.high)})</span></p>`;
    const effect = (found) => html`<div class="selections-effect"><p class="quiet">${t("selections.days", found.since, found.until)}</p>${both("visited", found.visited)}${both("bought", found.bought)}</div>`;
    const feed = (one) => html`<li key=${one.campaign}><a href=${`#/campaigns/${encodeURIComponent(one.campaign)}`}>${one.campaign}</a> ← ${one.selection}
      <span class="tag">${t(one.living ? "selections.lives" : "selections.once")}</span> ${one.again_days > 0 && html`<span class="tag">${t("selections.returns", one.again_days)}</span>`} ${one.living && rowButton("end", one.campaign, t("selections.end"), () => end(one.campaign), state.busy)}
      <p class="quiet">${one.looking ? t("selections.looking") : t("selections.fed", one.accepted, one.held_out, one.aside)}</p>
      ${one.fault && html`<p class="fault" role="alert">${one.fault}</p>`}
      ${one.held_out > 0 && rowButton("effect", one.campaign, t("selections.effect"), () => measure(one.campaign), state.busy)}
      ${state.effects[one.campaign] && effect(state.effects[one.campaign])}</li>`;
    const side = () => html`<section class="card grow"><h2>${t("selections.kept")} <button class="plain push" id="selections-new" onClick=${() => Object.assign(state, { rows: [blank(state.all.reasons[0].reason)], name: "", replaces: null, look: null })}>${t("selections.new")}</button></h2>
      ${!state.all.selections.length && html`<p class="empty">${t("selections.none")}</p>`}
      <ul class="list selections-kept">${state.all.selections.map((one) => html`<li key=${one.name} class=${one.name === state.name ? "here" : ""}>
        ${rowButton("open", one.name, one.name, () => open(one))} ${rowButton("delete", one.name, t("selections.delete"), () => forget(one.name), state.busy)}
        <p class="quiet">${t("selections.by", one.by || "—", moment(one.at))}</p></li>`)}</ul>
      ${state.all.feeds.length > 0 && html`<h3>${t("selections.feeds")}</h3><ul class="list selections-kept" id="selections-feeds">${state.all.feeds.map(feed)}</ul>`}
      <${ListImport} base="/record-lists" into="kind" title="lists.records" onTaken=${load} /></section>`;
    return () => {
      if (state.fault) return html`<p class="fault" role="alert">${state.fault}</p>`;
      return html`<div class="selections">${state.all ? [side(), form()] : html`<p class="boot">…</p>`}</div>`;
    };
  },
};
