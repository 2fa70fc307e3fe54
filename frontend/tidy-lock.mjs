// The lock file carries hashes and no addresses: any mirror may serve what the hashes name.
import { readFile, writeFile } from "node:fs/promises";

const lock = JSON.parse(await readFile("package-lock.json", "utf8"));
for (const facts of Object.values(lock.packages)) {
  delete facts.resolved;
  delete facts.funding;
}
await writeFile("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
