import type { Product } from '../system/product.ts';

const refuse = () => {
  throw new Error("On Kubernetes this is the cluster's to do, and no test of it asks.");
};

/** What tests of a product in processes of ours ask, and none that runs on a cluster. */
export const notHere: Pick<
  Product,
  'demoDirectory' | 'address' | 'connect' | 'end' | 'restart' | 'everythingKept'
> = {
  demoDirectory: '',
  address: refuse,
  connect: refuse,
  end: refuse,
  restart: refuse,
  everythingKept: refuse,
};
