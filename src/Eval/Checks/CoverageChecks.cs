using Serve.Eval.Formats;

namespace Serve.Eval.Checks;

/// <summary>Images and categories without objects, and images without a size.</summary>
internal static class CoverageChecks
{
    /// <summary>Checks a split.</summary>
    public static void Check(DatasetSplit split, IFaultSink faults)
    {
        var images = split.Dataset.GroundTruths.Select(found => found.ImageId).ToHashSet();
        for (var i = 0; i < split.Dataset.Images.Count; i++)
        {
            var image = split.Dataset.Images[i];
            var place = split.Places.OfImage(i, image.Id);
            if (image.Width == 0 || image.Height == 0)
                faults.Report(new(FaultKinds.UnknownSize, place, "width, height", $"are {image.Width}, {image.Height}; they should be the size of the picture in pixels"));
            if (!images.Contains(image.Id))
                faults.Report(new(FaultKinds.EmptyImage, place, "", $"\"{image.FileName}\" has no objects"));
        }
        var categories = split.Dataset.GroundTruths.Select(found => found.CategoryId).ToHashSet();
        foreach (var category in split.Dataset.Categories.Where(category => !categories.Contains(category.Id)))
            faults.Report(new(FaultKinds.EmptyCategory, new($"split {split.Name}", ""), "", $"category {category.Id} (\"{category.Name}\") has no objects"));
    }
}
