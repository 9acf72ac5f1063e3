using System.Text.Json.Nodes;
using Serve.Eval.Datasets;

namespace Serve.Training.Tests.Acceptance;

/// <summary>The first pictures of a dataset beside the clone, as a dataset folder whose splits <c>train</c> and <c>val</c> are the same.</summary>
internal static class FewPictures
{
    /// <summary>Copies the pictures and what is annotated on them.</summary>
    /// <param name="folder">The new folder.</param>
    /// <param name="shared">The dataset, below <c>../shared</c>; the test is skipped where it is not there.</param>
    /// <param name="count">Number of pictures of its split <c>train</c>.</param>
    public static DatasetFolder Write(string folder, string shared, int count)
    {
        var source = TestFiles.Shared(shared);
        var all = JsonNode.Parse(File.ReadAllText(Path.Combine(source, "annotations", "instances_train.json")))!;
        var images = all["images"]!.AsArray().Take(count).ToList();
        var ids = images.Select(image => image!["id"]!.GetValue<long>()).ToHashSet();
        var few = new JsonObject
        {
            ["images"] = new JsonArray([.. images.Select(image => image!.DeepClone())]),
            ["annotations"] = new JsonArray([.. all["annotations"]!.AsArray().Where(row => ids.Contains(row!["image_id"]!.GetValue<long>())).Select(row => row!.DeepClone())]),
            ["categories"] = all["categories"]!.DeepClone(),
        };

        Directory.CreateDirectory(Path.Combine(folder, "images"));
        Directory.CreateDirectory(Path.Combine(folder, "annotations"));
        foreach (var name in images.Select(image => image!["file_name"]!.GetValue<string>()))
            File.Copy(Path.Combine(source, "images", name), Path.Combine(folder, "images", name));
        foreach (var split in new[] { "train", "val" })
            File.WriteAllText(Path.Combine(folder, "annotations", $"instances_{split}.json"), few.ToJsonString());
        return DatasetFolder.Open(folder);
    }
}
