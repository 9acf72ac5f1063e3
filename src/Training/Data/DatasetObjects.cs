using Serve.Eval;
using Serve.Eval.Datasets;

namespace Serve.Training.Data;

/// <summary>The annotated objects of a dataset by image: two numbers an object beside the dataset itself, so that large ones fit into memory. Safe for use from several threads.</summary>
internal sealed class DatasetObjects
{
    private readonly Dataset dataset;
    private readonly bool masks;

    // The objects of image i are rows[starts[i]..starts[i + 1]] of the dataset, in file order.
    private readonly int[] starts;
    private readonly int[] rows;
    private readonly int[] labels;

    /// <summary>Groups a dataset's objects by image, in the order of its images.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="masks">Whether the objects come with masks.</param>
    /// <exception cref="InvalidInputException">An object refers to an image or a category that the dataset does not list, or has no mask where masks are needed.</exception>
    public DatasetObjects(Dataset dataset, bool masks = false)
    {
        (this.dataset, this.masks) = (dataset, masks);
        if (masks && dataset.Segmentations is null)
            throw new InvalidInputException("the dataset was read without masks, which this training needs.");

        var positions = dataset.Categories.Index().ToDictionary(c => c.Item.Id, c => c.Index);
        var images = dataset.Images.Index().ToDictionary(i => i.Item.Id, i => i.Index);
        var truths = dataset.GroundTruths;
        starts = new int[dataset.Images.Count + 1];
        (rows, labels) = (new int[truths.Count], new int[truths.Count]);
        for (var row = 0; row < truths.Count; row++)
        {
            var truth = truths[row];
            if (!images.TryGetValue(truth.ImageId, out var image))
                throw new InvalidInputException($"annotation {truth.Id} refers to image {truth.ImageId}, which the dataset does not list.");
            if (!positions.TryGetValue(truth.CategoryId, out labels[row]))
                throw new InvalidInputException($"annotation {truth.Id} refers to category {truth.CategoryId}, which the dataset does not list.");
            if (masks && !truth.IsCrowd && !MaskOf(row).Exists)
                throw new InvalidInputException($"annotation {truth.Id} has no mask, which this training needs: polygons or run lengths.");
            starts[image + 1]++;
        }

        for (var image = 0; image < dataset.Images.Count; image++)
            starts[image + 1] += starts[image];
        var next = starts[..^1];
        for (var row = 0; row < truths.Count; row++)
            rows[next[images[truths[row].ImageId]]++] = row;
    }

    /// <summary>The objects of the image at a position.</summary>
    public ImageObjects this[int image]
    {
        get
        {
            int[] found = [.. Rows(image).Where(row => !dataset.GroundTruths[row].IsCrowd)];
            int[] crowds = [.. Rows(image).Where(row => dataset.GroundTruths[row].IsCrowd)];
            return new([.. found.Select(BoxOf)], [.. found.Select(row => labels[row])], [.. crowds.Select(BoxOf)])
            {
                Masks = masks ? [.. found.Select(MaskOf)] : null,
                CrowdMasks = masks ? [.. crowds.Select(MaskOf)] : null,
            };
        }
    }

    /// <summary>Labels of the image's objects that are no crowds, each as often as there are objects of it.</summary>
    public IEnumerable<int> LabelsOf(int image) => Rows(image).Where(row => !dataset.GroundTruths[row].IsCrowd).Select(row => labels[row]);

    private ArraySegment<int> Rows(int image) => new(rows, starts[image], starts[image + 1] - starts[image]);

    private Box BoxOf(int row) => dataset.GroundTruths[row].Box;

    private ObjectMask MaskOf(int row) => new(dataset.Segmentations!, row, dataset.GroundTruths[row].Id);
}
