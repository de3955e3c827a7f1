/** Where conversations lie in the query cache. */
export const chatKeys = {
  models: ["chat", "models"] as const,
  sessions: ["chat", "sessions"] as const,
  session: (id: string) => ["chat", "session", id] as const,
};
