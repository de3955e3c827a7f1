import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";

import { ChatView } from "@/views/chat/chat-view";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav.pages");
  return { title: t("chat") };
}

export default function ChatPage() {
  return <ChatView />;
}
