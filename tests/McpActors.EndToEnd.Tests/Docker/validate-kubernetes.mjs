// Checks Kubernetes manifests against the published schemas of their kinds. usage: validate-kubernetes.mjs FILE…
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

let documents = 0;
let faults = 0;
for (const file of process.argv.slice(2)) {
  for (const document of parseAllDocuments(readFileSync(file, 'utf8')).map((parsed) => parsed.toJS())) {
    documents++;
    try {
      // 'v1' is the core group, which the package keeps at its top.
      const { [document.kind]: Model } = await import(`kubernetes-models/${document.apiVersion}/${document.kind}`);
      new Model(document).validate();
    } catch (fault) {
      faults++;
      console.log(`${file}: ${document?.kind} ${document?.metadata?.name}: ${fault.message}`);
    }
  }
}
console.log(`${documents} documents, ${faults} faults`);
process.exitCode = faults ? 1 : 0;
