using System.Globalization;
using Serve.Eval.Checks;
using Serve.Eval.Formats;

namespace Serve.Eval.Tests.Formats;

/// <summary>Reads datasets that tests write, whose pictures are text files that hold their size, such as <c>640x480</c>.</summary>
internal static class SourceTrial
{
    /// <summary>Options with a reader of such pictures.</summary>
    public static SourceOptions Options { get; } = new() { PictureSize = Size };

    /// <summary>Writes a file and the folders on its way.</summary>
    public static void Write(this TemporaryFolder folder, string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(path))!);
        File.WriteAllText(folder.File(path), text);
    }

    /// <summary>Reads a split and refuses it at its first fault.</summary>
    public static Task<DatasetSplit> ReadAsync(string path, string split)
        => DatasetSources.Open(path, null, Options).ReadAsync(split, null, TestContext.Current.CancellationToken);

    /// <summary>Reads a split and collects its faults, as <c>file: sentence</c>.</summary>
    public static async Task<(DatasetSplit Split, IReadOnlyList<string> Faults)> CollectAsync(string path, string split)
    {
        var faults = new FaultCollector(int.MaxValue);
        var read = await DatasetSources.Open(path, null, Options).ReadAsync(split, faults, null, TestContext.Current.CancellationToken);
        return (read, [.. faults.Findings.SelectMany(finding => finding.Examples).Select(fault => $"{fault.Place.File}: {fault.Sentence}")]);
    }

    /// <summary>The size that a picture's text says.</summary>
    public static (int Width, int Height) Size(string path)
    {
        var sides = File.ReadAllText(path).Split('x');
        return sides.Length == 2 ? (Number(sides[0]), Number(sides[1])) : throw new InvalidInputException("The picture is damaged.");
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
