// How the carriers' trunks stand: registration, calls, every address.
import { html } from "../lib.js";
import { t, term, told } from "../i18n.js";

/** An address with what is known of it: how fast it answers, or that it is silent or avoided. */
function address(one) {
  const known = one.round_trip_ms !== null ? t("trunk.answers", Math.round(one.round_trip_ms)) : term("trunk.pulse", one.pulse);
  const avoided = one.avoided_s > 0 ? ` · ${t("trunk.avoided", Math.ceil(one.avoided_s))}` : "";
  return html`<div key=${one.address}><code>${one.address}</code> <span class="quiet">${known}${avoided}</span></div>`;
}

/** When the registration ends or is asked for again. */
function registration(trunk) {
  if (!trunk.registers) return t("trunk.by_address");
  if (trunk.registered_for_s !== null) return t("trunk.registered_for", Math.round(trunk.registered_for_s));
  return trunk.register_again_s !== null ? t("trunk.again_in", Math.ceil(trunk.register_again_s)) : t("trunk.asking");
}

/** The table of all trunks; nothing where there are none. */
export function Trunks({ trunks }) {
  if (!trunks.length) return null;
  return html`<section class="trunks"><h2>${t("trunks")}</h2>
    <table class="grid full"><thead><tr>
      <th>${t("trunk.state")}</th><th>${t("trunk.name")}</th><th>${t("trunk.calls")}</th><th>${t("trunk.registration")}</th><th>${t("trunk.addresses")}</th>
    </tr></thead><tbody>${trunks.map((trunk) => html`<tr key=${trunk.name} data-trunk=${trunk.name}>
      <td><span class=${`health ${trunk.state}`}>${term("health", trunk.state)}</span></td>
      <td><strong>${trunk.name}</strong><div class="quiet">${trunk.host} · ${trunk.transport} · ${trunk.codecs.join(" ")}</div></td>
      <td>${trunk.calls} / ${trunk.max_calls}</td>
      <td>${registration(trunk)}<div class="quiet">${told(trunk.code, trunk.values, trunk.detail)}</div></td>
      <td>${trunk.addresses.map(address)}${trunk.lookup && html`<div class="fault">${t("trunk.lookup")}</div>`}</td>
    </tr>`)}</tbody></table></section>`;
}
