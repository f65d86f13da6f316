// How the audio of a call travelled: each party, each direction, with the estimated opinion score in a colour.
import { html } from "../lib.js";
import { agentName } from "../api.js";
import { t, term } from "../i18n.js";
import { percent } from "../format.js";

// ITU-T G.109: users are satisfied above 4.0, some dissatisfied above 3.6, many above 3.1, nearly all below.
const LEVELS = [[4.0, "good"], [3.6, "fair"], [3.1, "poor"], [0, "bad"]];
const levelOf = (mos) => LEVELS.find(([least]) => mos >= least)[1];

/** The score as a coloured tag; a dash where nothing was measured. */
export const mosTag = (mos) => (mos == null ? html`<span class="quiet">—</span>`
  : html`<span class=${`tag mos-${levelOf(mos)}`} title=${t(`mos.${levelOf(mos)}`)}>${mos.toFixed(2)}</span>`);

const ms = (value) => (value == null ? "—" : `${value.toFixed(value < 10 ? 1 : 0)} ms`);

const line = (leg, way) => {
  const one = leg.quality[way];
  return html`<tr key=${`${leg.id}-${way}`}>
    <td>${term("speaker", leg.role)} ${leg.party && agentName(leg.party)}</td>
    <td title=${t(`quality.${way}.means`)}>${t(`quality.${way}`)}</td>
    ${one ? html`<td class="mono num" title=${`${one.lost} / ${one.packets + (way === "received" ? one.lost : 0)}`}>${percent(one.loss)}</td>
      <td class="mono num">${ms(one.jitter_ms)}</td>` : html`<td class="quiet" colspan="2">${t("quality.unreported")}</td>`}
    <td class="mono num">${way === "sent" ? ms(leg.quality.round_trip_ms) : ""}</td>
    <td class="num">${mosTag(one?.mos)}</td>
    <td class="quiet">${leg.quality.codec}</td>
  </tr>`;
};

/** The card of a call's page; nothing before the first leg is measured. */
export const Quality = ({ legs }) => {
  const measured = legs.filter((leg) => leg.quality);
  if (!measured.length) return null;
  return html`<section class="card quality"><h2>${t("quality")}</h2><div class="scroll"><table class="grid">
    <thead><tr><th>${t("quality.party")}</th><th>${t("direction")}</th><th class="num">${t("quality.loss")}</th><th class="num">${t("quality.jitter")}</th>
      <th class="num">${t("quality.round_trip")}</th><th class="num" title=${t("mos.means")}>MOS</th><th>${t("quality.codec")}</th></tr></thead>
    <tbody>${measured.flatMap((leg) => [line(leg, "received"), line(leg, "sent")])}</tbody>
  </table></div></section>`;
};
