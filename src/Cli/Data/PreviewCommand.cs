using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text;
using Serve.Cli.Models;
using Serve.Eval.Datasets;
using Serve.EvalCli;
using Serve.Inference.Pictures;
using Serve.Training.Data;
using Serve.Training.Recipes;

namespace Serve.Cli.Data;

/// <summary><c>serve data preview</c>: draws the batches that a recipe would train on.</summary>
internal static class PreviewCommand
{
    private const int Workers = 2;

    public static Command Create()
    {
        var recipe = new Argument<string>("recipe") { Description = "Name of a recipe; see serve recipes." };
        var data = new Option<string>("--data") { Description = "Dataset folder.", Required = true };
        var output = new Option<string>("--out") { Description = "Folder for the pictures; those of an earlier preview are replaced.", DefaultValueFactory = _ => "preview" };
        var count = new Option<int>("--count") { Description = "Number of batches.", DefaultValueFactory = _ => 4 };
        var split = new Option<string>("--split") { Description = "Split to train on.", DefaultValueFactory = _ => "train" };
        var set = new Option<string[]>("--set") { Description = "path.to.option=value, any number of times; the options are those of recipe.json.", DefaultValueFactory = _ => [] };
        var command = new Command(
            "preview",
            """
            Draws the first batches of a training as the detector gets them: resized, cropped, recoloured, pasted; with boxes, masks where the recipe learns them, and labels.
            Example: serve data preview fcos-r18-gn --data data/demo-scenes --out preview --count 2 --set augmentation.scale=0.5,2
            """)
        {
            recipe, data, output, count, split, set,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var batches = ModelOptions.AtLeastOne("--count", parsed.GetValue(count));
            var options = RecipeOverrides.Apply(RecipeCatalogue.Find(parsed.GetValue(recipe)!), parsed.GetValue(set)!).ToBatchOptions();
            var folder = DatasetFolder.Open(parsed.GetValue(data)!);
            var dataset = await folder.ReadAsync(parsed.GetValue(split)!, options.Parts, hash: false, ct);
            var target = parsed.GetValue(output)!;
            await parsed.InvocationConfiguration.Output.WriteLineAsync(await WriteAsync(target, folder, dataset, options, batches, ct));
            return 0;
        });
        return command;
    }

    private static async Task<string> WriteAsync(string target, DatasetFolder folder, Dataset dataset, BatchOptions options, int count, CancellationToken ct)
    {
        var names = dataset.Images.ToDictionary(image => image.Id, image => image.FileName);
        var page = new StringBuilder();
        long images = 0, objects = 0;
        Directory.CreateDirectory(target);
        using var loader = new BatchLoader(folder, dataset, options, Workers);
        await foreach (var batch in loader.ReadAsync(0, ct))
        {
            using (batch)
            {
                page.Append(CultureInfo.InvariantCulture, $"<h2>Batch {batch.Step}: {batch.Images.shape[3]} x {batch.Images.shape[2]} pixels</h2>\n");
                var pictures = BatchPreview.Draw(batch, dataset.Categories);
                for (var i = 0; i < pictures.Count; i++, images++)
                {
                    var file = string.Create(CultureInfo.InvariantCulture, $"batch-{batch.Step:000}-image-{i:000}.png");
                    await Files.WriteAsync(Path.Combine(target, file), PictureEncoder.Encode(pictures[i], "image/png"), ct);
                    var found = batch.Targets[i].Boxes.shape[0];
                    objects += found;
                    var caption = WebUtility.HtmlEncode($"{names[batch.ImageIds[i]]}, objects: {found}");
                    page.Append(CultureInfo.InvariantCulture, $"<figure><img src=\"{file}\" alt=\"{caption}\"><figcaption>{caption}</figcaption></figure>\n");
                }
            }

            if (batch.Step == count - 1)
                break;
        }

        await Files.WriteAsync(Path.Combine(target, "index.html"), $$"""
            <!doctype html>
            <html lang="en"><meta charset="utf-8"><title>Training batches of {{WebUtility.HtmlEncode(folder.Name)}}</title>
            <style>body { font: 15px sans-serif; margin: 1.5rem } figure { display: inline-block; margin: 0 .8rem .8rem 0; vertical-align: top } img { max-width: 32rem; display: block }</style>
            {{page}}</html>

            """, ct);
        return $"{Path.Combine(target, "index.html")}: {count} batches, {images} images, {objects} objects";
    }
}
