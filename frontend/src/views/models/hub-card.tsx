import { KeyRound, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";

import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { ProblemState, useProblemWords } from "@/components/ui/problem";
import { notify } from "@/components/ui/toast";
import { useDeleteHubToken, useHubAccess, useSetHubToken } from "@/entities/model/hub";
import type { HubAccessOut } from "@/lib/api/generated/types.gen";
import { HUB_ACCESS } from "@/lib/routes";
import { useFormat } from "@/lib/use-format";

const ANCHOR = HUB_ACCESS.split("#")[1];

/** The hub that `hf:` models come from, and the token it is shown: it can be set and deleted, never read. */
export function HubCard() {
  const t = useTranslations("models.hub");
  const query = useHubAccess();
  const [isEditing, setEditing] = useState(false);
  const [isDeleting, setDeleting] = useState(false);
  const access = query.data;
  return (
    <Card
      title="Hugging Face"
      aside={
        <span translate="no" className="truncate font-mono">
          {access?.endpoint.replace(/^https?:\/\//, "")}
        </span>
      }
    >
      <div id={ANCHOR} className="grid min-h-8 scroll-mt-24 gap-2.5">
        {query.isError && <ProblemState problem={query.error} onRetry={() => void query.refetch()} />}
        {access && (
          <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
            <TokenWords access={access} />
            <span className="ml-auto flex items-center gap-2">
              {!isEditing && (
                <Button size="sm" onClick={() => setEditing(true)}>
                  <KeyRound aria-hidden />
                  {t(access.token === "stored" ? "replace" : "set")}
                </Button>
              )}
              {access.token === "stored" && (
                <Button size="sm" variant="danger" onClick={() => setDeleting(true)}>
                  <Trash2 aria-hidden />
                  {t("delete")}
                </Button>
              )}
            </span>
          </div>
        )}
        {isEditing && <TokenForm onClose={() => setEditing(false)} />}
        {isDeleting && <DeleteDialog onClose={() => setDeleting(false)} />}
      </div>
    </Card>
  );
}

function TokenWords({ access }: { access: HubAccessOut }) {
  const t = useTranslations("models.hub");
  const format = useFormat();
  if (!access.token_readable) return <p className="min-w-0 text-pretty text-bad">{t("unreadable")}</p>;
  if (access.token === "stored") {
    return <p className="min-w-0 text-pretty text-ink-2">{t("stored", { time: access.token_set_at ? format.dateTime(access.token_set_at) : "–" })}</p>;
  }
  return <p className="min-w-0 text-pretty text-ink-2">{t(access.token)}</p>;
}

function TokenForm({ onClose }: { onClose: () => void }) {
  const t = useTranslations("models.hub");
  const terms = useTranslations("terms");
  const words = useProblemWords();
  const [token, setToken] = useState("");
  const [isMissing, setMissing] = useState(false);
  const set = useSetHubToken();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(token.trim() === "");
    if (token.trim() === "" || set.isPending) return;
    set.mutate(token.trim(), {
      onSuccess: () => {
        notify.good(t("done"));
        onClose();
      },
    });
  };
  const change = (next: string) => {
    setToken(next);
    setMissing(false);
    set.reset();
  };
  return (
    <form noValidate onSubmit={submit} className="grid gap-2">
      <Field
        label={t("token")}
        explanation={terms("words.hubToken")}
        description={t("hint")}
        error={isMissing ? t("missing") : set.error ? words(set.error) : undefined}
        className="sm:max-w-120"
      >
        <Input
          autoFocus
          type="password"
          autoComplete="off"
          spellCheck={false}
          placeholder="hf_…"
          maxLength={1024}
          value={token}
          onValueChange={change}
          className="font-mono"
        />
      </Field>
      <div className="flex gap-2">
        <Button type="submit" variant="primary" pending={set.isPending}>
          {t("save")}
        </Button>
        <Button onClick={onClose}>{t("cancel")}</Button>
      </div>
    </form>
  );
}

function DeleteDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations("models.hub.remove");
  const remove = useDeleteHubToken();
  const confirm = () =>
    remove.mutate(undefined, {
      onSuccess: () => {
        notify.good(t("done"));
        onClose();
      },
    });
  return (
    <ConfirmDialog
      title={t("title")}
      description={t("description")}
      confirm={t("confirm")}
      pending={remove.isPending}
      problem={remove.error}
      onConfirm={confirm}
      onClose={onClose}
    />
  );
}
