// Bundles the Worker for the tests, which start many stacks: bundle.mjs FOLDER

import { resolve } from "node:path";
import { bundle } from "./workerd.mjs";

const folder = resolve(process.argv[2]);
await bundle(folder, `${folder}.scratch`);
