/** The only input size of the graphs that `@tensorflow-models/mobilenet` loads. */
const size = 224;

/** Where `@tensorflow-models/mobilenet` has its weights: TF-Hub graphs, asked for as files so that they can be cached. */
export function mobilenetAddress(version: 1 | 2, alpha: number): string {
  const width = String(Math.round(alpha * 100)).padStart(3, '0');
  return `https://tfhub.dev/google/imagenet/mobilenet_v${version}_${width}_${size}/classification/${version}/model.json?tfjs-format=file`;
}
