import { onMounted, ref, type Ref } from 'vue';

/** What this instance says at an address of its own; null while it is asked, or where it says nothing. */
export function useLive<T>(path: string): Ref<T | null> {
  const answer = ref(null) as Ref<T | null>;
  onMounted(async () => {
    try {
      const response = await fetch(path, { headers: { accept: 'application/json' } });
      if (response.ok) answer.value = (await response.json()) as T;
    } catch {
      // A page that was built alone, or is read offline, says what it says anyway.
    }
  });
  return answer;
}
