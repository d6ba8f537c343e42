import { onMounted, ref, type Ref } from 'vue';

/** What this instance says at an address of its own; null where it says nothing. */
export async function fetchLive<T>(path: string): Promise<T | null> {
  try {
    const response = await fetch(path, { headers: { accept: 'application/json' } });
    return response.ok ? ((await response.json()) as T) : null;
  } catch {
    // A page that was built alone, or is read offline, says what it says anyway.
    return null;
  }
}

/** The same for a page to show; null while it is asked, too. */
export function useLive<T>(path: string): Ref<T | null> {
  const answer = ref(null) as Ref<T | null>;
  onMounted(async () => {
    answer.value = await fetchLive<T>(path);
  });
  return answer;
}
