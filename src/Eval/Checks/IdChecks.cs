using Serve.Eval.Datasets;
using Serve.Eval.Formats;

namespace Serve.Eval.Checks;

/// <summary>Ids that occur twice, and references to what is not there.</summary>
internal static class IdChecks
{
    /// <summary>Checks a split.</summary>
    public static void Check(DatasetSplit split, IFaultSink faults)
    {
        CheckImages(split, faults);
        CheckCategories(split, faults);
        CheckObjects(split, faults);
    }

    private static void CheckImages(DatasetSplit split, IFaultSink faults)
    {
        var (ids, names) = (new Dictionary<long, int>(), new Dictionary<string, int>(StringComparer.Ordinal));
        var categories = split.Dataset.Categories.Select(category => category.Id).ToHashSet();
        for (var i = 0; i < split.Dataset.Images.Count; i++)
        {
            var image = split.Dataset.Images[i];
            var place = split.Places.OfImage(i, image.Id);
            if (!ids.TryAdd(image.Id, i))
                faults.Report(new(FaultKinds.DuplicateImageId, place, "id", $"is {image.Id}, as of {Earlier(ids[image.Id])}"));
            if (image.FileName.Length > 0 && !names.TryAdd(image.FileName, i))
                faults.Report(new(FaultKinds.DuplicateFileName, place, "file_name", $"is \"{image.FileName}\", as of {Earlier(names[image.FileName])}"));
            foreach (var category in image.NegativeCategoryIds.Concat(image.NotExhaustiveCategoryIds).Where(category => !categories.Contains(category)))
                faults.Report(new(FaultKinds.UnknownCategory, place, "neg_category_ids, not_exhaustive_category_ids", $"name category {category}, which \"categories\" does not list"));

            string Earlier(int index) => Name(split.Places.OfImage(index, split.Dataset.Images[index].Id), place);
        }
    }

    private static void CheckCategories(DatasetSplit split, IFaultSink faults)
    {
        var file = split.Dataset.Images.Count > 0 ? split.Places.OfImage(0, 0).File : "";
        var (ids, names) = (new HashSet<long>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var category in split.Dataset.Categories)
        {
            var place = new RecordPlace(file, $"category {category.Id} (\"{category.Name}\")");
            if (!ids.Add(category.Id))
                faults.Report(new(FaultKinds.DuplicateCategoryId, place, "id", $"is {category.Id}, as of an earlier category"));
            if (!names.Add(category.Name))
                faults.Report(new(FaultKinds.DuplicateCategoryName, place, "name", $"is \"{category.Name}\", as of an earlier category"));
        }
    }

    private static void CheckObjects(DatasetSplit split, IFaultSink faults)
    {
        var ids = new Dictionary<long, int>();
        var images = new Dictionary<long, ImageEntry>();
        foreach (var image in split.Dataset.Images)
            images.TryAdd(image.Id, image);
        var categories = split.Dataset.Categories.Select(category => category.Id).ToHashSet();
        for (var i = 0; i < split.Dataset.GroundTruths.Count; i++)
        {
            var found = split.Dataset.GroundTruths[i];
            if (!ids.TryAdd(found.Id, i))
                Report(FaultKinds.DuplicateAnnotationId, "id", $"is {found.Id}, as of {Name(split.Places.OfObject(ids[found.Id], found.Id), split.Places.OfObject(i, found.Id))}");
            if (found.Id == 0)
                Report(FaultKinds.AnnotationIdZero, "id", "is 0; it must be another integer");
            if (!images.TryGetValue(found.ImageId, out var image))
                Report(FaultKinds.UnknownImage, "image_id", $"is {found.ImageId}, which \"images\" does not list ({split.Dataset.Images.Count} entries)");
            if (!categories.Contains(found.CategoryId))
                Report(FaultKinds.UnknownCategory, "category_id", $"is {found.CategoryId}, which \"categories\" does not list ({split.Dataset.Categories.Count} entries)");
            else if (image is not null && image.NegativeCategoryIds.Contains(found.CategoryId))
                Report(FaultKinds.NegativeCategory, "category_id", $"is {found.CategoryId}, which \"neg_category_ids\" of image {image.Id} says is not there");

            void Report(FaultKind kind, string field, string text) => faults.Report(new(kind, split.Places.OfObject(i, found.Id), field, text));
        }
    }

    // In the same file, its name says nothing new.
    private static string Name(RecordPlace other, RecordPlace here)
        => other.File == here.File && other.Record.Length > 0 ? other.Record : $"{other.File}{(other.Record.Length > 0 ? ": " : "")}{other.Record}";
}
