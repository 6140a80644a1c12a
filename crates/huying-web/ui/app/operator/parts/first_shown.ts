/** A file is chosen, what it would do is shown, and only that is then done, once. */
import { ref, shallowRef } from "vue";

export function useFirstShown<Shown, Done>(
  show: (file: File) => Promise<Shown>,
  bring: (file: File, shown: Shown, key: string) => Promise<Done>,
  after: () => void,
) {
  const file = shallowRef<File | null>(null);
  const shown = shallowRef<Shown | null>(null);
  const done = shallowRef<Done | null>(null);
  const error = shallowRef<unknown>(null);
  const busy = ref(false);
  let key = "";

  async function trying(act: () => Promise<void>) {
    [error.value, busy.value] = [null, true];
    try {
      await act();
    } catch (refused) {
      error.value = refused;
    } finally {
      busy.value = false;
    }
  }
  function choose(chosen: File) {
    [file.value, shown.value, done.value] = [chosen, null, null];
    void trying(async () => {
      key = crypto.randomUUID();
      shown.value = await show(chosen);
    });
  }
  function leave() {
    [file.value, shown.value] = [null, null];
  }
  const apply = () => trying(async () => {
    if (!file.value || !shown.value) return;
    done.value = await bring(file.value, shown.value, key);
    leave();
    after();
  });
  return { file, shown, done, error, busy, choose, leave, apply };
}
