import { FirstAnswers } from "@/app/first-answers";
import { HomeView } from "@/views/home/home-view";
import { homeReads } from "@/views/home/reads";

export default function HomePage() {
  return (
    <FirstAnswers reads={homeReads}>
      <HomeView />
    </FirstAnswers>
  );
}
