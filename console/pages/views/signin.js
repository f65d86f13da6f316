// Signing in, and setting a password of one's own.
import { ElButton, ElDialog, ElInput, ElMessage, html, model, onMounted, reactive } from "../lib.js";
import { changePassword, signIn, signOut } from "../api.js";
import { language, setLanguage, t } from "../i18n.js";

export const SignIn = {
  setup() {
    const form = reactive({ name: "", password: "", busy: false, fault: "" });
    onMounted(() => document.querySelector("#sign-in-name")?.focus());
    async function submit(event) {
      event.preventDefault();
      if (!form.name || !form.password || form.busy) return;
      form.busy = true;
      form.fault = "";
      try {
        await signIn(form.name.trim(), form.password);
      } catch (problem) {
        form.fault = problem.message;
        form.password = "";
        document.querySelector("#sign-in-password")?.focus();
      } finally {
        form.busy = false;
      }
    }
    return () => html`<div class="gate"><form class="card gate-card" onSubmit=${submit} aria-label=${t("signin.title")}>
      <h1><span class="logo" aria-hidden="true"></span>Line400 <small>${t("brand")}</small></h1>
      <label for="sign-in-name">${t("signin.name")}</label>
      <${ElInput} id="sign-in-name" name="username" autocomplete="username" size="large" ...${model(form, "name")} />
      <label for="sign-in-password">${t("signin.password")}</label>
      <${ElInput} id="sign-in-password" name="password" type="password" showPassword autocomplete="current-password" size="large" ...${model(form, "password")} />
      ${form.fault && html`<p class="fault" role="alert">${form.fault}</p>`}
      <${ElButton} type="primary" nativeType="submit" size="large" loading=${form.busy} class="wide">${t("signin.title")}<//>
      <p class="hint">${t("signin.hint")}</p>
      <button type="button" class="plain" onClick=${() => setLanguage(language.value === "zh" ? "en" : "zh")}>${language.value === "zh" ? "English" : "中文"}</button>
    </form></div>`;
  },
};

export const Password = {
  props: { must: Boolean, open: Boolean },
  emits: ["close"],
  setup(props, { emit }) {
    const form = reactive({ old: "", fresh: "", fault: "", busy: false });
    async function submit(event) {
      event.preventDefault();
      form.busy = true;
      form.fault = "";
      try {
        await changePassword(form.old, form.fresh);
        ElMessage.success(t("password.changed"));
        form.old = form.fresh = "";
        emit("close");
      } catch (problem) {
        form.fault = problem.message;
      } finally {
        form.busy = false;
      }
    }
    const fields = () => html`<form class="stack" onSubmit=${submit}>
      ${props.must && html`<p>${t("password.must")}</p>`}
      <label for="password-old">${t("password.old")}</label>
      <${ElInput} id="password-old" type="password" showPassword autocomplete="current-password" ...${model(form, "old")} />
      <label for="password-new">${t("password.new")}</label>
      <${ElInput} id="password-new" type="password" showPassword autocomplete="new-password" ...${model(form, "fresh")} />
      ${form.fault && html`<p class="fault" role="alert">${form.fault}</p>`}
      <p class="row"><${ElButton} type="primary" nativeType="submit" loading=${form.busy} disabled=${!form.old || form.fresh.length < 8}>${t("save")}<//>
        ${props.must && html`<${ElButton} onClick=${signOut}>${t("signin.out")}<//>`}</p>
    </form>`;
    return () => (props.must
      ? html`<div class="gate"><div class="card gate-card"><h1>${t("password.change")}</h1>${fields()}</div></div>`
      : html`<${ElDialog} modelValue=${props.open} onClose=${() => emit("close")} title=${t("password.change")} width="420px">${fields()}<//>`);
  },
};
