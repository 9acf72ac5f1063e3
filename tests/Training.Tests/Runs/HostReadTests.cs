using System.Text.RegularExpressions;
using Serve.Training.Tracing.Operators;

namespace Serve.Training.Runs;

public sealed partial class HostReadTests
{
    [Theory]
    [InlineData("fcos-r18-gn", 0)]
    [InlineData("atss-r18-small", 0)]
    [InlineData("universenet-small", 0)]
    [InlineData("adder-fcos-r18-small", 0)]
    [InlineData("faster-rcnn-r18-small", 1)]    // the suppression of proposals
    [InlineData("cascade-rcnn-r18-small", 1)]
    [InlineData("mask-rcnn-r18-small", 3)]      // and which boxes are objects, and their sizes
    public void Host_reads_so_often_in_a_step(string recipe, int reads)
    {
        using var step = new SmallStep(recipe);
        step.Run();
        var before = HostRead.Count;

        step.Run();

        Assert.Equal(reads, HostRead.Count - before);
    }

    /// <summary>Else the counts above would say nothing.</summary>
    [Fact]
    public void What_a_step_is_made_of_reads_values_nowhere_else()
    {
        // What reads on the CPU alone, where nothing waits.
        string[] free = ["HostRead.cs", "SampledRows.cs", "RoiTaps.cs", "GradientClip.cs"];
        string[] folders = ["Models", "Losses", "Boxes", "Optimization", "Tracing/Operators"];
        var source = Path.Combine(TestFiles.Root, "src", "Training");

        var readers = folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(source, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !free.Contains(Path.GetFileName(file)) && Reading().IsMatch(File.ReadAllText(file)))
            .Select(Path.GetFileName);

        Assert.Empty(readers);
    }

    [GeneratedRegex(@"\.(item<|item\(|cpu\(\)|data<|bytes\b|ToSingle\(\)|ToDouble\(\)|ToInt64\(\)|ToBoolean\(\)|nonzero\(|masked_select\()")]
    private static partial Regex Reading();
}
