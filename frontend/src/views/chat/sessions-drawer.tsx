import { useTranslations } from "next-intl";

import { Drawer } from "@/components/ui/drawer";

import { SessionsPanel } from "./sessions-panel";
import type { Chat } from "./use-chat";

/** The conversations where there is no room for them beside the page. */
export function SessionsDrawer({ chat, onClose }: { chat: Chat; onClose: () => void }) {
  const t = useTranslations("chat.sessions");
  const andClose = (step: () => void) => {
    step();
    onClose();
  };
  return (
    <Drawer open side="left" title={t("title")} onOpenChange={(open) => !open && onClose()}>
      <div className="-m-4">
        <SessionsPanel
          current={chat.sessionId}
          onOpen={(id) => andClose(() => chat.open(id))}
          onNew={() => andClose(() => chat.open(null, chat.chosen))}
        />
      </div>
    </Drawer>
  );
}
