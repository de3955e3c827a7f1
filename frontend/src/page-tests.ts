/** What holds on every page (app/providers.tsx) also holds where a test draws a part of one. */
import { keepKeysOfInputMethods } from "@/lib/keys";

keepKeysOfInputMethods(window);
