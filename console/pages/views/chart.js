// A chart that follows its option and its size.
import { echarts, h, onBeforeUnmount, onMounted, ref, watch } from "../lib.js";

export const Chart = {
  props: { option: Object, label: String, pick: Function },
  setup(props) {
    const place = ref(null);
    let chart = null;
    let watcher = null;
    const draw = () => chart?.setOption(props.option, { replaceMerge: ["series", "xAxis"] });
    onMounted(() => {
      chart = echarts.init(place.value, null, { renderer: "canvas" });
      draw();
      chart.on("click", (spot) => props.pick?.(spot));
      watcher = new ResizeObserver(() => chart.resize());
      watcher.observe(place.value);
    });
    onBeforeUnmount(() => { watcher?.disconnect(); chart?.dispose(); });
    watch(() => props.option, draw);
    return () => h("div", { ref: place, class: "chart", role: "img", "aria-label": props.label });
  },
};
