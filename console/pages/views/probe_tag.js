// The sign that a call is a test of the line's own (拨测), by no customer: nobody is to be called back.
import { html } from "../lib.js";
import { t } from "../i18n.js";

export const probeTag = (call) => (call.probe ? html` <span class="tag probe" title=${call.probe}>${t("probe.call")}</span>` : "");
