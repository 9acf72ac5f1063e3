using System.CommandLine;
using Serve.Cli.Models;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Training.Recipes;
using Serve.Training.Runs;

namespace Serve.Cli.Train;

/// <summary><c>serve train</c>: trains a recipe on a dataset. The same command continues an interrupted run.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var recipe = new Argument<string>("recipe") { Description = "Name of a recipe; see serve recipes." };
        var data = new Option<string>("--data") { Description = "Dataset folder.", Required = true };
        var output = new Option<string>("--out") { Description = "Folder of the run; one that holds an unfinished run is continued.", Required = true };
        var set = new Option<string[]>("--set") { Description = "path.to.option=value, any number of times; the options are those of recipe.json.", DefaultValueFactory = _ => [] };
        var resume = new Option<bool>("--resume") { Description = "Refuse to start anew: there must be a run to continue." };
        var trainSplit = new Option<string>("--train-split") { Description = "Split to train on.", DefaultValueFactory = _ => "train" };
        var valSplit = new Option<string>("--val-split") { Description = "Split that chooses the best weights.", DefaultValueFactory = _ => "val" };
        var device = ModelOptions.Device();
        var threads = new Option<int>("--threads") { Description = "Threads of libtorch; 0 for one a core.", DefaultValueFactory = _ => 0 };
        var workers = new Option<int>("--workers") { Description = "Background threads that prepare images.", DefaultValueFactory = _ => 1 };
        var command = new Command(
            "train",
            """
            Trains a detector. Ctrl-C saves the state; the same command continues.
            Example: serve train fcos-r18-gn --data bccd --out runs/blood-cells --set epochs=60 --set augmentation.width=384
            """)
        {
            recipe, data, output, set, resume, trainSplit, valSplit, device, threads, workers,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var folder = parsed.GetValue(output)!;
            if (parsed.GetValue(resume) && !File.Exists(Path.Combine(folder, "run.json")))
            {
                throw new InvalidInputException($"--resume: {folder} holds no run to continue.");
            }

            var request = new TrainingRequest
            {
                Recipe = RecipeOverrides.Apply(RecipeCatalogue.Find(parsed.GetValue(recipe)!), parsed.GetValue(set)!),
                Data = DatasetFolder.Open(parsed.GetValue(data)!),
                Out = folder,
                TrainSplit = parsed.GetValue(trainSplit)!,
                ValidationSplit = parsed.GetValue(valSplit)!,
                Device = parsed.GetValue(device)!,
                Threads = parsed.GetValue(threads),
                Workers = ModelOptions.AtLeastOne("--workers", parsed.GetValue(workers)),
            };
            var result = await TrainingDisplay.RunAsync(
                parsed.InvocationConfiguration.Error, progress => TrainingLoop.RunAsync(request, progress, TimeProvider.System, ct));
            await parsed.InvocationConfiguration.Output.WriteLineAsync(Describe(result, folder));
            return result.Outcome == TrainingOutcome.Finished ? 0 : 1;
        });
        return command;
    }

    private static string Describe(TrainingResult result, string folder)
    {
        var best = result.BestAp is { } ap ? FormattableString.Invariant($"best AP {ap:0.0000} at step {result.BestStep}") : "not evaluated yet";
        return result.Outcome == TrainingOutcome.Finished
            ? $"{folder}: done, {result.Step} steps, {best}. Next: serve export {folder} --to models/NAME"
            : $"{folder}: interrupted after {result.Step} steps, {best}; the state is saved, the same command continues.";
    }
}
