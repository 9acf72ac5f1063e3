using System.CommandLine;
using Serve.Cli.Terminal;
using Serve.Eval;
using Serve.Eval.Formats;
using Serve.Eval.Formats.Conversion;
using Serve.EvalCli;

namespace Serve.Cli.Data;

/// <summary><c>serve data convert</c>: writes a dataset in another format.</summary>
internal static class ConvertCommand
{
    private static readonly string Targets = string.Join(", ", DatasetConversion.Targets.Select(format => format.Name()));

    private static readonly Dictionary<string, PictureTransfer> Transfers = new(StringComparer.Ordinal)
    {
        ["copy"] = PictureTransfer.Copy,
        ["link"] = PictureTransfer.Link,
        ["none"] = PictureTransfer.None,
    };

    public static Command Create()
    {
        var source = new SourceArguments();
        var to = new Option<string>("--to") { Description = $"New format: {Targets}. coco is the folder that every other command takes.", Required = true };
        var output = new Option<string>("--out") { Description = "Folder to write; must be new or empty.", Required = true };
        var pictures = new Option<string>("--pictures") { Description = "copy them, link to them, or none.", DefaultValueFactory = _ => "copy" };
        var drop = new Option<bool>("--drop-empty") { Description = $"Leave out images without objects, and with a side below {ImageFilter.SmallestSide} pixels. Default for manga109." };
        var keep = new Option<bool>("--keep-empty") { Description = "Keep them. Default for all other formats." };
        var polygons = new Option<bool>("--polygons") { Description = "yolo: write polygons where objects have them, instead of boxes." };
        var command = new Command(
            "convert",
            """
            Writes a dataset in another format: COCO, LVIS, Pascal VOC, YOLO, Manga109 and Waymo are read; COCO, Pascal VOC and YOLO are written.
            The new folder is there complete or not at all. What the new format cannot hold is counted and told.
            Examples: serve data convert data/demo-scenes --to yolo --out data/demo-yolo
                      serve data convert data/demo-yolo --to coco --out data/demo-again --pictures link
                      serve data convert data/demo-scenes --to voc --out data/demo-voc --split val --drop-empty
            """);
        source.AddTo(command);
        foreach (var option in (Option[])[to, output, pictures, drop, keep, polygons])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, ct) =>
        {
            var folder = parsed.GetValue(output)!;
            NewFolder.RequireEmpty(folder);
            var (dropEmpty, keepEmpty) = (parsed.GetValue(drop), parsed.GetValue(keep));
            if (dropEmpty && keepEmpty)
            {
                throw new InvalidInputException("--drop-empty and --keep-empty: give one of them.");
            }

            var opened = source.Open(parsed);
            var options = new ConversionOptions
            {
                To = Target(parsed.GetValue(to)!),
                Pictures = Choice.Of("--pictures", parsed.GetValue(pictures)!, Transfers),
                DropEmpty = dropEmpty || (opened.DropsEmptyImages && !keepEmpty),
                Polygons = parsed.GetValue(polygons),
            };
            var error = parsed.InvocationConfiguration.Error;
            var splits = await SourceArguments.ReadAsync(opened, source.Splits(parsed, opened), faults: null, error, ct);
            var written = await WorkProgress.RunAsync("writing", splits.Sum(split => split.Dataset.Images.Count), error, progress =>
                DatasetConversion.WriteAsync(folder, splits, options, progress, ct));
            foreach (var split in written)
            {
                await TellAsync(folder, split, parsed.InvocationConfiguration.Output);
            }

            return 0;
        });
        return command;
    }

    private static async Task TellAsync(string folder, ConvertedSplit split, TextWriter output)
    {
        var dropped = split.DroppedImages == 0 ? "" : $" ({split.DroppedImages} images left out: empty or tiny)";
        await output.WriteLineAsync($"{folder}: {split.Name}: {split.Images} images, {split.Objects} objects{dropped}");
        foreach (var note in split.Notes)
        {
            await output.WriteLineAsync($"  {note}");
        }
    }

    private static DatasetFormat Target(string text)
        => DatasetFormats.Find(text) is { } format && DatasetConversion.Targets.Contains(format)
            ? format
            : throw new InvalidInputException($"--to: got {text}, allowed are {Targets}.");
}
