using Serve.Api.Access;
using Serve.Api.Detection;
using Serve.Api.Problems;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Masks;

namespace Serve.Api.Datasets.Pictures;

/// <summary>The images of datasets, with their annotations for those who may see them.</summary>
internal sealed class DatasetImages(DatasetCatalogue datasets)
{
    /// <summary>Lists images of a split.</summary>
    /// <exception cref="RequestRefusedException">404: there is no such dataset, version or split.</exception>
    /// <exception cref="InvalidInputException">The split cannot be read.</exception>
    public async Task<DatasetImageList> ListAsync(string name, string? split, int? version, bool masks, int offset, int limit, Caller caller, CancellationToken ct)
    {
        var (opened, chosen, dataset) = await ReadAsync(name, split, version, masks ? AnnotationParts.Segmentations : AnnotationParts.Boxes, caller, ct);
        var withholding = Withholding.Of(opened.Known.Dataset, caller);
        var addresses = PictureAddresses.Of(opened, chosen);
        var page = dataset.Images.Skip(offset).Take(limit).ToList();
        var annotations = withholding.IsPartial ? null : AnnotationsOf(dataset, page);
        return withholding.Images(new(
            name, opened.Known.Version.Version, chosen,
            [.. page.Select(image => new DatasetImage(image.Id, image.FileName, image.Width, image.Height, addresses.Of(image), annotations?[image.Id].ToList()))],
            dataset.Images.Count, offset, limit, []));
    }

    /// <summary>Finds an image.</summary>
    /// <exception cref="RequestRefusedException">404: there is no such dataset, version, split or image.</exception>
    /// <exception cref="InvalidInputException">The split cannot be read.</exception>
    public async Task<(OpenedDataset Opened, ImageEntry Image)> FindAsync(string name, long id, string? split, int? version, Caller caller, CancellationToken ct)
    {
        var (opened, chosen, dataset) = await ReadAsync(name, split, version, AnnotationParts.Boxes, caller, ct);
        var image = dataset.Images.FirstOrDefault(image => image.Id == id)
            ?? throw new RequestRefusedException(StatusCodes.Status404NotFound, $"Split \"{chosen}\" of dataset \"{name}\" has no image {id} ({dataset.Images.Count:N0} images).");
        return (opened, image);
    }

    private async Task<(OpenedDataset Opened, string Split, Dataset Dataset)> ReadAsync(
        string name, string? split, int? version, AnnotationParts parts, Caller caller, CancellationToken ct)
    {
        var opened = await datasets.OpenAsync(name, version, ct);
        string chosen;
        try
        {
            chosen = SplitChoice.Of(opened.Folder, split);
        }
        catch (InvalidInputException fault)
        {
            throw new RequestRefusedException(StatusCodes.Status404NotFound, fault.Message);
        }
        try
        {
            return (opened, chosen, await datasets.ReadAsync(opened.Folder, chosen, parts, ct));
        }
        catch (InvalidInputException fault) when (Withholding.Of(opened.Known.Dataset, caller) is { IsPartial: true } withholding)
        {
            throw new InvalidInputException(withholding.Text(fault.Message)!, fault);
        }
    }

    /// <summary>Objects of some images, by image.</summary>
    private static ILookup<long, ImageAnnotation> AnnotationsOf(Dataset dataset, List<ImageEntry> images)
    {
        var wanted = images.Select(image => image.Id).ToHashSet();
        var names = CategoryLabels.Of(dataset);
        return Enumerable.Range(0, dataset.GroundTruths.Count).Where(row => wanted.Contains(dataset.GroundTruths[row].ImageId))
            .ToLookup(row => dataset.GroundTruths[row].ImageId, row => AnnotationOf(dataset.GroundTruths[row], names, dataset.Segmentations, row));
    }

    private static ImageAnnotation AnnotationOf(GroundTruth item, CategoryLabels names, SegmentationTable? masks, int row) => new(
        item.Id, names[item.CategoryId], item.CategoryId, BoxOf(item.X, item.Y, item.Width, item.Height), item.IsCrowd, SegmentationJson.Of(masks, row));

    /// <summary>A box of a file (COCO xywh) as it stands on the wire.</summary>
    public static BoxDocument BoxOf(double x, double y, double width, double height) => new(x, y, x + width, y + height);
}
