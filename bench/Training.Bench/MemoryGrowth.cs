using Serve.Training.Recipes;
using Serve.Training.Runs;
using static TorchSharp.torch;

namespace Serve.Training.Bench;

/// <summary>Reads how much memory the process has after so many steps, and how many tensors are alive, so that growth can be told from a leak.</summary>
internal static class MemoryGrowth
{
    /// <summary>Writes a row: label, then MiB after each number of steps; then the tensors alive at the first and the last of them, the managed heap, and how often it was collected.</summary>
    public static void Write(TextWriter output, Recipe recipe, int side, int images, IReadOnlyList<int> at, string label)
    {
        using var step = new SyntheticStep(recipe, side, images);
        var times = new StepTimes(TimeProvider.System);
        var (memory, alive) = (new List<double>(), new List<long>());
        for (var done = 1; done <= at.Max(); done++)
        {
            step.Run(times);
            if (!at.Contains(done))
                continue;
            memory.Add(ProcessMemory.NowMiB());
            alive.Add(Tensor.TotalCount);
        }

        output.WriteLine(FormattableString.Invariant(
            $"| {(label.Length > 0 ? label : recipe.Name)} | {string.Join(" | ", memory.Select(mib => mib.ToString("0", System.Globalization.CultureInfo.InvariantCulture)))} | {alive[0]} → {alive[^1]} | {GC.GetTotalMemory(forceFullCollection: false) / 1048576.0:0} | {GC.CollectionCount(0)} |"));
    }
}
