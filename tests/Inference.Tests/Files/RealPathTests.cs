using Serve.Inference.Files;

namespace Serve.Inference.Tests.Files;

public sealed class RealPathTests : IDisposable
{
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();
    private readonly string _root;

    public RealPathTests()
    {
        _root = RealPath.Of(_folder.Path);
        Directory.CreateDirectory(_folder.File("real/inner"));
        File.WriteAllText(_folder.File("real/file"), "");
        Directory.CreateSymbolicLink(_folder.File("link"), "real/inner");
        Directory.CreateSymbolicLink(_folder.File("whole"), _folder.File("real"));
        Directory.CreateSymbolicLink(_folder.File("real/inner/up"), "../..");
        File.CreateSymbolicLink(_folder.File("to-file"), "link/../file");
        File.CreateSymbolicLink(_folder.File("circle"), "circle");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("real/file", "real/file")]
    [InlineData("./real//inner/.", "real/inner")]
    [InlineData("link", "real/inner")]
    [InlineData("whole/inner", "real/inner")]
    [InlineData("link/..", "real")]
    [InlineData("link/../file", "real/file")]
    [InlineData("link/up/whole/file", "real/file")]
    [InlineData("to-file", "real/file")]
    [InlineData("absent/../real", "real")]
    public void Links_are_followed_before_two_dots_go_up(string path, string expected)
        => Assert.Equal(Path.Combine(_root, expected), RealPath.Of(_folder.File(path)));

    [Fact]
    public void A_path_that_is_relative_begins_in_the_current_folder()
        => Assert.Equal(RealPath.Of(Path.Combine(Directory.GetCurrentDirectory(), "a/b")), RealPath.Of("a/b"));

    [Fact]
    public void The_root_has_nothing_above_it() => Assert.Equal(Path.GetPathRoot(_root), RealPath.Of(Path.Combine(Path.GetPathRoot(_root)!, "..", "..")));

    [Fact]
    public void Links_in_a_circle_are_told()
        => Assert.Equal($"{_folder.File("circle")}: more than 40 symbolic links follow one another.", Assert.Throws<IOException>(() => RealPath.Of(_folder.File("circle"))).Message);

    [Theory]
    [InlineData("real/inner", "real", true)]
    [InlineData("link", "real", true)]
    [InlineData("link/../file", "whole", true)]
    [InlineData("link/../file", "link", false)]
    [InlineData("link/up", "real", false)]
    [InlineData("real", "real", false)]
    public void A_place_is_within_a_folder_by_where_both_lead(string path, string folder, bool isWithin)
        => Assert.Equal(isWithin, RealPath.IsWithin(_folder.File(path), _folder.File(folder)));
}
