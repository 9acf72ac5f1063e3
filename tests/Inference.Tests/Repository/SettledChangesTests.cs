using Serve.Inference.Repository;

namespace Serve.Inference.Tests.Repository;

public class SettledChangesTests
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SettledChanges _changes = new(TimeSpan.FromSeconds(2));
    private readonly Dictionary<(string, int), string> _known = [];

    [Fact]
    public void A_version_is_taken_once_it_has_not_changed_for_long_enough()
    {
        Assert.Equal((0, 0), Look(0, Version("a", 1, bytes: 10)));
        Assert.Equal((0, 0), Look(1, Version("a", 1, bytes: 10)));
        Assert.Equal((0, 0), Look(2, Version("a", 1, bytes: 11)));
        Assert.Equal((0, 0), Look(3.9, Version("a", 1, bytes: 11)));
        Assert.True(_changes.IsWaiting);
        Assert.Equal((1, 0), Look(4, Version("a", 1, bytes: 11)));
        Assert.False(_changes.IsWaiting);
    }

    [Fact]
    public void A_version_with_a_file_that_somebody_is_writing_is_not_taken()
    {
        Look(0, Version("a", 1, 10, "weights.bin.part"));

        Assert.Equal((0, 0), Look(10, Version("a", 1, 10, "weights.bin.part")));
        Assert.Equal((0, 0), Look(11, Version("a", 1, 10, "weights.bin")));
        Assert.Equal((1, 0), Look(13, Version("a", 1, 10, "weights.bin")));
    }

    [Fact]
    public void A_version_is_gone_once_it_has_been_gone_for_long_enough()
    {
        var version = Version("a", 1, 10);
        _known[("a", 1)] = version.Tag;

        Assert.Equal((0, 0), Look(0));
        Assert.Equal((0, 0), Look(1, version));
        Assert.False(_changes.IsWaiting);
        Assert.Equal((0, 0), Look(2));
        Assert.Equal((0, 1), Look(4));
    }

    [Fact]
    public void What_comes_and_goes_before_it_was_taken_is_forgotten()
    {
        Look(0, Version("a", 1, 10));
        Look(1);

        Assert.False(_changes.IsWaiting);
        Assert.Equal((0, 0), Look(2.5, Version("a", 1, 10)));
    }

    private (int Changed, int Gone) Look(double seconds, params FoundVersion[] found)
    {
        var (changed, gone) = _changes.Take(_known, found, Begin.AddSeconds(seconds));
        return (changed.Count, gone.Count);
    }

    private static FoundVersion Version(string name, int version, long bytes, params string[] more)
        => new(name, version, VersionLayout.VersionFolder, "/m", "/m/model.onnx",
            [new FoundFile("/m/model.onnx", "model.onnx", bytes, DateTime.UnixEpoch), .. more.Select(file => new FoundFile($"/m/{file}", file, 1, DateTime.UnixEpoch))], null);
}
