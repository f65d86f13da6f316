// The libraries under one roof. Vue, Element Plus and ECharts come as globals (their self-contained builds), htm as a
// module. Pages are written with htm templates and Vue's render functions: no template compiler, so no eval, and the
// content security policy can stay strict.
import htm from "./vendor/htm.js";

const { Vue, ElementPlus, echarts, ElementPlusLocaleZhCn } = window;

export const { createApp, computed, h, nextTick, onBeforeUnmount, onMounted, reactive, ref, shallowRef, watch } = Vue;
export const {
  ElButton, ElCheckbox, ElConfigProvider, ElDatePicker, ElDialog, ElInput, ElMessage, ElNotification, ElOption,
  ElPagination, ElProgress, ElRadioButton, ElRadioGroup, ElSelect, ElTooltip,
} = ElementPlus;
export { ElementPlus, ElementPlusLocaleZhCn, echarts };

/** Tagged template for render functions; children of components become their default slot, an object gives named slots. */
export const html = htm.bind(function create(type, props, ...children) {
  this[0] = 3; // htm must not reuse static parts: a Vue node may stand in one place only
  if (typeof type === "string") return h(type, props, children);
  if (children.length === 0) return h(type, props);
  const [first] = children;
  const named = children.length === 1 && first && typeof first === "object" && !first.__v_isVNode && !Array.isArray(first);
  return h(type, props, named ? first : { default: () => children });
});

/** Two-way binding of `state[key]` for a component: spread it into its properties. */
export function model(state, key, changed) {
  return {
    modelValue: state[key],
    "onUpdate:modelValue": (value) => {
      state[key] = value;
      if (changed) changed(value);
    },
  };
}

export const nonce = document.querySelector('meta[name="csp-nonce"]')?.content ?? "";
