import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { createLoader, parseAsString } from "nuqs/server";

import { FirstAnswers } from "@/app/first-answers";
import { Words } from "@/app/words";
import { ChatView } from "@/views/chat/chat-view";
import { chatReads } from "@/views/chat/reads";

const addressOf = createLoader({ session: parseAsString, model: parseAsString, base: parseAsString });

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("nav.pages");
  return { title: t("chat") };
}

export default async function ChatPage({ searchParams }: PageProps<"/chat">) {
  return (
    <FirstAnswers reads={chatReads(await addressOf(searchParams))}>
      <Words of="/chat">
        <ChatView />
      </Words>
    </FirstAnswers>
  );
}
