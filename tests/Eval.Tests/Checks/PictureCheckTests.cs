using Serve.Eval.Checks;
using Serve.Eval.Tests.Formats;

namespace Serve.Eval.Tests.Checks;

public class PictureCheckTests
{
    [Fact]
    public async Task Pictures_as_declared_have_no_findings()
    {
        using var folder = Folder(("val", "a.jpg"));
        folder.Write("images/a.jpg", "100x50");

        Assert.Empty(await CheckTrial.FindInAsync(folder.Path, pictures: true));
    }

    [Theory]
    [InlineData("images/b.jpg", "100x50", "missing-picture", "\"file_name\" is \"a.jpg\"; there is no such picture in {0}/images")]
    [InlineData("images/a.jpg", "broken", "unreadable-picture", "\"file_name\" is \"a.jpg\", which cannot be read: The picture is damaged")]
    [InlineData("images/a.jpg", "50x100", "picture-size", "\"width, height\" are 100, 50; the picture \"a.jpg\" has 50 x 100 pixels")]
    public async Task Pictures_that_are_missing_or_different_are_told(string file, string content, string code, string sentence)
    {
        using var folder = Folder(("val", "a.jpg"));
        folder.Write(file, content);

        var findings = await CheckTrial.FindInAsync(folder.Path, pictures: true);

        Assert.Equal([$"{code}: annotations/instances_val.json: image #1 (id 1): {string.Format(null, sentence, folder.Path)}"], CheckTrial.Lines(findings));
    }

    [Fact]
    public async Task A_file_name_outside_of_the_folder_is_told()
    {
        using var folder = Folder(("val", "../secret.jpg"));
        folder.Write("images/x.jpg", "1x1");
        folder.Write("secret.jpg", "100x50");

        var findings = await CheckTrial.FindInAsync(folder.Path, pictures: true);

        Assert.Equal(
            ["file-name-outside: annotations/instances_val.json: image #1 (id 1): \"file_name\" is \"../secret.jpg\"; it must be a relative path inside the pictures' folder"],
            CheckTrial.Lines(findings));
    }

    [Fact]
    public async Task Annotations_without_a_folder_of_pictures_are_checked_alone()
    {
        using var folder = Folder(("val", "a.jpg"));

        var findings = await CheckTrial.FindInAsync(folder.Path, pictures: true);

        Assert.Equal(["pictures-not-checked: split val: has no folder of pictures beside its annotations"], CheckTrial.Lines(findings));
    }

    [Fact]
    public async Task The_same_picture_in_two_splits_is_told_whatever_its_name()
    {
        using var folder = Folder(("test", "c.jpg"), ("train", "a.jpg"), ("val", "b.jpg"));
        folder.Write("images/a.jpg", "100x50");
        folder.Write("images/b.jpg", "100x50");
        folder.Write("images/c.jpg", "100x050");

        var findings = await CheckTrial.FindInAsync(folder.Path, pictures: true);

        Assert.Equal(
            ["picture-in-two-splits: annotations/instances_val.json: image #1 (id 1): \"file_name\" is \"b.jpg\", the same picture as \"a.jpg\" of split train"],
            CheckTrial.Lines(findings));
    }

    [Fact]
    public async Task Two_images_with_the_same_picture_or_name_are_told()
    {
        using var folder = TestFiles.NewFolder();
        string[] names = ["a.jpg", "b.jpg", "a.jpg"];
        var images = string.Join(", ", names.Select((name, index) => $"{{\"id\": {index + 1}, \"file_name\": \"{name}\", \"width\": 100, \"height\": 50}}"));
        folder.Write("annotations/instances_val.json", CheckTrial.Json(images: images));
        folder.Write("images/a.jpg", "100x50");
        folder.Write("images/b.jpg", "100x50");

        var findings = await CheckTrial.FindInAsync(folder.Path, pictures: true);

        Assert.Equal(
            [
                "duplicate-file-name: annotations/instances_val.json: image #3 (id 3): \"file_name\" is \"a.jpg\", as of image #1 (id 1)",
                "picture-twice: annotations/instances_val.json: image #2 (id 2): \"file_name\" is \"b.jpg\", the same picture as \"a.jpg\"",
            ],
            CheckTrial.Lines(findings.Where(finding => finding.Kind.Severity is Severity.Warning)));
    }

    private static TemporaryFolder Folder(params (string Split, string FileName)[] splits)
    {
        var folder = TestFiles.NewFolder();
        foreach (var (split, name) in splits)
            folder.Write($"annotations/instances_{split}.json", CheckTrial.Json(images: $"{{\"id\": 1, \"file_name\": \"{name}\", \"width\": 100, \"height\": 50}}"));
        return folder;
    }
}
