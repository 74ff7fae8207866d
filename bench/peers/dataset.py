"""Reads the layouts that the benchmark's datasets have: train/ and val/ folders, or a split.csv."""
import csv
import pathlib


def samples(root):
    """-> {'train': [(path, label index)], 'val': [...]}, class names. Files that cannot be decoded are left out."""
    root = pathlib.Path(root)
    rows = []
    if (root / "split.csv").exists():
        with open(root / "split.csv", newline="") as file:
            rows = [(root / row["path"], row["label"], row["split"]) for row in csv.DictReader(file)]
    else:
        for split in ("train", "val"):
            for folder in sorted((root / split).iterdir()):
                if folder.is_dir():
                    rows += [(path, folder.name, split) for path in sorted(folder.iterdir())]
    rows = [row for row in rows if row[0].suffix.lower() in (".jpg", ".jpeg", ".png")]
    names = sorted({label for _, label, _ in rows})
    index = {name: number for number, name in enumerate(names)}
    found = {"train": [], "val": []}
    for path, label, split in rows:
        found[split].append((str(path), index[label]))
    return found, names


def pipeline(rows, size, batch, shuffle=False):
    """A tf.data pipeline: decode, resize (bilinear, as keras.utils.image_dataset_from_directory), batch, prefetch."""
    import tensorflow as tf

    def load(path, label):
        image = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        return tf.image.resize(image, (size, size)), label

    data = tf.data.Dataset.from_tensor_slices(([path for path, _ in rows], [label for _, label in rows]))
    data = data.map(load, num_parallel_calls=tf.data.AUTOTUNE).cache()
    if shuffle:
        data = data.shuffle(len(rows), seed=1)
    return data.batch(batch).prefetch(tf.data.AUTOTUNE)
