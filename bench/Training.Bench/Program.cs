// What a step of training costs, how its memory grows, and the exported model beside its network; a row of a Markdown table each, a process each, so that peaks are clean:
//   dotnet run -c Release --project bench/Training.Bench -- step fcos-r18-gn --side 256
//   dotnet run -c Release --project bench/Training.Bench -- memory fcos-r18-gn --side 96 --at 6,23,100,200
//   dotnet run -c Release --project bench/Training.Bench -- export fcos-r18-gn
// bench/training-speed.sh runs them all.
using System.CommandLine;
using System.Globalization;
using Serve.Training.Bench;

var recipe = new Argument<string>("recipe") { Description = "Name of a recipe." };
var side = new Option<int>("--side") { Description = "Width and height of images.", DefaultValueFactory = _ => 256 };
var batch = new Option<int>("--batch") { Description = "Images a step.", DefaultValueFactory = _ => 2 };
var steps = new Option<int>("--steps") { Description = "Steps that are measured, after three that are not; the median counts.", DefaultValueFactory = _ => 10 };
var at = new Option<string>("--at") { Description = "Steps after which memory is read, with commas.", DefaultValueFactory = _ => "6,23,50,100,200" };
var label = new Option<string>("--label") { Description = "What the row is called.", DefaultValueFactory = _ => "" };
var rounds = new Option<int>("--rounds") { Description = "Times that each way is run; the median counts.", DefaultValueFactory = _ => 20 };

var step = new Command("step", "Milliseconds a step, its parts, peak memory, and the share that is spent outside libtorch's operators.") { recipe, side, batch, steps };
step.SetAction(parsed => OnRecipe(parsed.GetValue(recipe)!, found => StepCosts.Write(Console.Out, found, parsed.GetValue(side), parsed.GetValue(batch), parsed.GetValue(steps))));

var memory = new Command("memory", "Memory of the process after so many steps.") { recipe, side, batch, at, label };
memory.SetAction(parsed => OnRecipe(parsed.GetValue(recipe)!, found => MemoryGrowth.Write(
    Console.Out, found, parsed.GetValue(side), parsed.GetValue(batch),
    [.. parsed.GetValue(at)!.Split(',').Select(text => int.Parse(text, CultureInfo.InvariantCulture))], parsed.GetValue(label)!)));

var export = new Command("export", "Milliseconds for one image: the exported file in ONNX Runtime, and the network in TorchSharp.") { recipe, rounds };
export.SetAction(parsed => OnRecipe(parsed.GetValue(recipe)!, found => ExportSpeed.Write(Console.Out, found, parsed.GetValue(rounds))));

return await new RootCommand("Measures training.") { step, memory, export }.Parse(args).InvokeAsync();

static void OnRecipe(string name, Action<Serve.Training.Recipes.Recipe> measure)
{
    if (Serve.Training.Recipes.RecipeCatalogue.All.FirstOrDefault(found => found.Name == name) is { } known)
        measure(known.Resolve(categories: 80));
    else
        Console.Error.WriteLine($"{name}: there is no such recipe; left out.");
}
