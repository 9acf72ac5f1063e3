using Serve.Eval.Datasets;

namespace Serve.Inference.Models;

/// <summary>Categories of the datasets that most published detectors are trained on, for files that name none.</summary>
internal static class KnownCategories
{
    private static readonly string[] Coco =
    [
        "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light", "fire hydrant", "stop sign", "parking meter",
        "bench", "bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase",
        "frisbee", "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
        "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut",
        "cake", "chair", "couch", "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone", "microwave",
        "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush",
    ];

    // Ids of COCO's annotation files run to 90; these were given to categories that the published dataset lacks.
    private static readonly int[] UnusedCocoIds = [0, 12, 26, 29, 30, 45, 66, 68, 69, 71, 83];

    private static readonly string[] Voc =
    [
        "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog", "horse", "motorbike", "person",
        "pottedplant", "sheep", "sofa", "train", "tvmonitor",
    ];

    /// <summary>COCO's 80 categories in their usual order, ids 0..79: the numbers that detectors give.</summary>
    public static IReadOnlyList<Category> Coco80 { get; } = [.. Coco.Select((name, index) => new Category(index, name))];

    /// <summary>COCO's categories under the ids of its annotation files, 0..90; ids that no category has are called <c>class 12</c>.</summary>
    public static IReadOnlyList<Category> Coco91 { get; } = ByCocoId();

    /// <summary>COCO's categories under the ids 1..90.</summary>
    public static IReadOnlyList<Category> Coco90 { get; } = [.. Coco91.Skip(1)];

    /// <summary>The 20 categories of the Pascal VOC challenge, ids 0..19.</summary>
    public static IReadOnlyList<Category> Voc20 { get; } = [.. Voc.Select((name, index) => new Category(index, name))];

    /// <summary>Categories without names: <c>class 0</c> and up.</summary>
    public static IReadOnlyList<Category> Numbered(int count) => [.. Enumerable.Range(0, count).Select(index => new Category(index, $"class {index}"))];

    private static IReadOnlyList<Category> ByCocoId()
    {
        var names = new Queue<string>(Coco);
        return [.. Enumerable.Range(0, 91).Select(id => new Category(id, UnusedCocoIds.Contains(id) ? $"class {id}" : names.Dequeue()))];
    }
}
