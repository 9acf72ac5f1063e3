using Serve.Eval.Formats;

namespace Serve.Eval.Tests.Formats;

public class NewFolderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_folder_is_there_when_it_is_complete(bool isThere)
    {
        using var root = TestFiles.NewFolder();
        if (isThere)
            Directory.CreateDirectory(root.File("new"));

        await NewFolder.WriteAsync(root.File("new"), (folder, ct) => File.WriteAllTextAsync(Path.Combine(folder, "a.txt"), "a", ct), Token);

        Assert.Equal([root.File("new")], Directory.GetFileSystemEntries(root.Path));
        Assert.Equal([root.File("new/a.txt")], Directory.GetFileSystemEntries(root.File("new")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_put_there_while_a_folder_is_written_is_kept(bool isThere)
    {
        using var root = TestFiles.NewFolder();
        if (isThere)
            Directory.CreateDirectory(root.File("new"));

        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => NewFolder.WriteAsync(
            root.File("new"),
            async (folder, ct) =>
            {
                await File.WriteAllTextAsync(Path.Combine(folder, "a.txt"), "a", ct);
                root.Write("new/mine/mine.txt", "mine");
            },
            Token));

        Assert.Equal($"{root.File("new")}: a new dataset needs a folder that does not exist or is empty; this one holds something.", fault.Message);
        Assert.Equal("mine", File.ReadAllText(root.File("new/mine/mine.txt")));
        Assert.Equal([root.File("new")], Directory.GetFileSystemEntries(root.Path));
    }

    [Theory]
    [InlineData("new")]
    [InlineData("new/")]
    public async Task A_file_of_the_name_is_refused_before_anything_is_written(string name)
    {
        using var root = TestFiles.NewFolder();
        root.Write("new", "mine");
        var isWritten = false;

        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => NewFolder.WriteAsync(
            Path.Combine(root.Path, name),
            (_, _) =>
            {
                isWritten = true;
                return Task.CompletedTask;
            },
            Token));

        Assert.Equal($"{Path.Combine(root.Path, name)}: a new dataset needs a folder that does not exist or is empty; this one holds something.", fault.Message);
        Assert.False(isWritten);
    }

    [Fact]
    public async Task A_file_that_takes_the_name_meanwhile_is_kept()
    {
        using var root = TestFiles.NewFolder();

        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => NewFolder.WriteAsync(root.File("new"), (_, ct) => File.WriteAllTextAsync(root.File("new"), "mine", ct), Token));

        Assert.Equal($"{root.File("new")}: a new dataset needs a folder that does not exist or is empty; this one holds something.", fault.Message);
        Assert.Equal("mine", File.ReadAllText(root.File("new")));
    }
}
