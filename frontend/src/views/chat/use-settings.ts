import { useCallback, useMemo } from "react";

import { formOf, isUsualForm, parseForm, readForm, type Settings, type SettingsForm, USUAL } from "@/entities/chat/settings";
import { useStoredText, writeStored } from "@/entities/chat/use-stored-text";

const keyOf = (sessionId: string | null) => `llmlora.chat.settings.${sessionId ?? "new"}`;

/** The settings of a conversation as they are being written: they hold from the next question on. */
export function useSettings(sessionId: string | null, kept: Settings | null) {
  const [stored, setStored] = useStoredText(keyOf(sessionId));
  const usual = useMemo(() => kept ?? { system: null, sampling: USUAL }, [kept]);
  const form = useMemo(() => parseForm(stored) ?? formOf(usual), [stored, usual]);
  const read = useMemo(() => readForm(form, usual.sampling.stop), [form, usual]);
  const change = useCallback(
    (changes: Partial<SettingsForm>) => setStored(JSON.stringify({ ...form, ...changes })),
    [form, setStored],
  );
  const reset = useCallback(
    () => setStored(JSON.stringify(formOf({ system: null, sampling: USUAL }))),
    [setStored],
  );
  const carryTo = useCallback((id: string) => writeStored(keyOf(id), JSON.stringify(form)), [form]);
  return { form, read, isValid: Object.keys(read.errors).length === 0, isUsual: isUsualForm(form), change, reset, carryTo };
}
