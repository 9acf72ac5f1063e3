using Serve.Eval;
using Serve.Eval.Datasets;

namespace Serve.Training.Data;

/// <summary>The annotated objects of one image.</summary>
/// <param name="Boxes">N boxes; before augmentation in pixels of the original image, after it in pixels of the canvas.</param>
/// <param name="Labels">N indices into the dataset's categories.</param>
/// <param name="Crowds">Boxes of crowd regions, same pixels.</param>
internal sealed record ImageObjects(IReadOnlyList<Box> Boxes, IReadOnlyList<int> Labels, IReadOnlyList<Box> Crowds)
{
    // Thinner than a pixel, nothing of it is seen, and regression targets of no size are not defined.
    private const double MinSide = 1;

    /// <summary>Groups a dataset's objects by image, in the order of its images. Images without objects get empty lists.</summary>
    /// <exception cref="InvalidInputException">An object refers to an image or a category that the dataset does not list.</exception>
    public static ImageObjects[] Group(Dataset dataset)
    {
        var labels = dataset.Categories.Index().ToDictionary(c => c.Item.Id, c => c.Index);
        var images = dataset.Images.Index().ToDictionary(i => i.Item.Id, i => i.Index);
        var groups = dataset.Images.Select(_ => (Boxes: new List<Box>(), Labels: new List<int>(), Crowds: new List<Box>())).ToArray();
        foreach (var truth in dataset.GroundTruths)
        {
            if (!images.TryGetValue(truth.ImageId, out var image))
                throw new InvalidInputException($"annotation {truth.Id} refers to image {truth.ImageId}, which the dataset does not list.");
            if (!labels.TryGetValue(truth.CategoryId, out var label))
                throw new InvalidInputException($"annotation {truth.Id} refers to category {truth.CategoryId}, which the dataset does not list.");
            if (truth.IsCrowd) groups[image].Crowds.Add(truth.Box);
            else
            {
                groups[image].Boxes.Add(truth.Box);
                groups[image].Labels.Add(label);
            }
        }

        return [.. groups.Select(g => new ImageObjects(g.Boxes, g.Labels, g.Crowds))];
    }

    /// <summary>Moves the objects with the pixels, clips them to what is seen, and drops those of which too little is left.</summary>
    /// <param name="image">The original image.</param>
    /// <param name="placement">Where its pixels go.</param>
    /// <param name="options">Canvas, and the share that must stay visible.</param>
    public ImageObjects Place(ImageEntry image, Placement placement, Augmentation options)
    {
        var boxes = new List<Box>(Boxes.Count);
        var labels = new List<int>(Boxes.Count);
        for (var i = 0; i < Boxes.Count; i++)
        {
            if (TryPlace(Boxes[i], options.MinVisible) is not { } box) continue;
            boxes.Add(box);
            labels.Add(Labels[i]);
        }

        // However little of a crowd is left, what is left must not count as background.
        return new(boxes, labels, [.. Crowds.Select(c => TryPlace(c, minVisible: 0)).OfType<Box>()]);

        Box? TryPlace(Box original, double minVisible)
        {
            var whole = placement.Apply(Clip(original, 0, 0, image.Width, image.Height), image.Width, image.Height);
            var (x1, y1, x2, y2) = placement.Visible(options);
            var seen = Clip(whole, x1, y1, x2, y2);
            var isSeen = seen.Width >= MinSide && seen.Height >= MinSide && seen.Width * seen.Height >= minVisible * whole.Width * whole.Height;
            return isSeen ? seen : null;
        }
    }

    private static Box Clip(Box box, double x1, double y1, double x2, double y2) =>
        new(Math.Clamp(box.X1, x1, x2), Math.Clamp(box.Y1, y1, y2), Math.Clamp(box.X2, x1, x2), Math.Clamp(box.Y2, y1, y2));
}
