using System.CommandLine;
using Serve.Cli.Terminal;
using Serve.Inference.Scenes;

namespace Serve.Cli.Data;

/// <summary><c>serve data make</c>: writes the generated demo dataset.</summary>
internal static class MakeCommand
{
    public static Command Create()
    {
        var defaults = new SceneOptions();
        var output = new Option<string>("--out") { Description = "Folder to write; must be new or empty.", DefaultValueFactory = _ => Path.Combine("data", "demo-scenes") };
        var seed = new Option<long>("--seed") { Description = "The same seed gives the same bytes.", DefaultValueFactory = _ => defaults.Seed };
        var train = new Option<int>("--train") { Description = "Images of the training split.", DefaultValueFactory = _ => defaults.Train };
        var val = new Option<int>("--val") { Description = "Images of the validation split.", DefaultValueFactory = _ => defaults.Val };
        var test = new Option<int>("--test") { Description = "Images of the test split.", DefaultValueFactory = _ => defaults.Test };
        var command = new Command(
            "make",
            "Draws a detection dataset: photo-like, street and line-art scenes with boxes, masks and crowds.\nExample: serve data make --out data/demo-scenes --seed 7")
        {
            output, seed, train, val, test,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var options = new SceneOptions
            {
                Seed = parsed.GetValue(seed),
                Train = parsed.GetValue(train),
                Val = parsed.GetValue(val),
                Test = parsed.GetValue(test),
            };
            var folder = parsed.GetValue(output)!;
            var error = parsed.InvocationConfiguration.Error;
            await WorkProgress.RunAsync("drawing", options.Train + options.Val + options.Test, error, async progress =>
            {
                await SceneDataset.WriteAsync(folder, options, progress, ct);
                return 0;
            });
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"{folder}: {options.Train} train, {options.Val} val, {options.Test} test images");
            return 0;
        });
        return command;
    }
}
