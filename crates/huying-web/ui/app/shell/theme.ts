/** Light or dark: as the person chose, else as the device is set. */
import { computed, ref, watchEffect } from "vue";

export type Theme = "light" | "dark" | "device";
const REMEMBERED = "huying.theme";
const device = window.matchMedia("(prefers-color-scheme: dark)");
const dark = ref(device.matches);
device.addEventListener("change", (event) => (dark.value = event.matches));

export const theme = ref<Theme>((localStorage.getItem(REMEMBERED) as Theme | null) ?? "device");
export const isDark = computed(() => theme.value === "dark" || (theme.value === "device" && dark.value));

watchEffect(() => {
  document.documentElement.dataset.theme = isDark.value ? "dark" : "light";
  localStorage.setItem(REMEMBERED, theme.value);
});

/** A colour of the look as it is now, for charts that cannot read CSS. */
export function colour(name: string): string {
  void isDark.value;
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
