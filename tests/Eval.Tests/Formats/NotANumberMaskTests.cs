using System.Security.Cryptography;
using System.Text;
using Serve.Eval.Checks;
using Serve.Eval.Formats.Coco;
using Serve.Eval.Tests.Datasets;

namespace Serve.Eval.Tests.Formats;

public class NotANumberMaskTests
{
    [Theory]
    [InlineData("[NaN, 1]", "[\"N\", 1]")]
    [InlineData("[Infinity,-Infinity]", "[\"Infini\",\"-Infini\"]")]
    [InlineData("{\"NaN\": \"Infinity \\\" NaN\", \"a\": NaN}", "{\"NaN\": \"Infinity \\\" NaN\", \"a\": \"N\"}")]
    [InlineData("{\"a\\\\\": NaN}", "{\"a\\\\\": \"N\"}")]
    [InlineData("[null, Nope, -1]", "[null, Nope, -1]")]
    public void Numbers_that_json_does_not_know_become_texts_of_the_same_length(string json, string masked)
    {
        var bytes = Encoding.UTF8.GetBytes(json);

        new NotANumberMask().Apply(bytes, 0, isFinal: true);

        Assert.Equal(masked, Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public void Parts_that_end_anywhere_give_the_same()
    {
        var whole = Encoding.UTF8.GetBytes("{\"x\\\"NaN\": [NaN, -Infinity, 1, Infinity], \"Infinity\": NaN}");
        var expected = whole.ToArray();
        new NotANumberMask().Apply(expected, 0, isFinal: true);

        for (var cut = 0; cut <= whole.Length; cut++)
        {
            var bytes = whole.ToArray();
            var mask = new NotANumberMask();
            var next = mask.Apply(bytes.AsSpan(0, cut), 0, isFinal: false);
            mask.Apply(bytes, next, isFinal: true);

            Assert.Equal(expected, bytes);
        }
    }

    [Fact]
    public async Task A_long_file_is_walked_in_windows_and_hashed_whole()
    {
        var images = string.Join(",\n", Enumerable.Range(1, 60_000).Select(id => $"{{\"id\": {id}, \"width\": {(id % 1000 == 0 ? "NaN" : "5")}, \"note\": \"Infinity {id}\"}}"));
        var bytes = Encoding.UTF8.GetBytes($"\uFEFF{{\"skipped\": [[1, {{}}]], \"images\": [{images}], \"annotations\": []}}\n");
        var faults = new FaultCollector();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var reader = new CocoRecordReader("file", faults);

        await new JsonListWalker("file", reader.Add, faults).WalkAsync(new TricklingStream(bytes), hash, TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Range(1, 60_000).Select(id => (long)id), reader.Finish("").Images.Select(image => image.Id));
        var finding = Assert.Single(faults.Findings);
        Assert.Equal((FaultKinds.NotFinite, 60L), (finding.Kind, finding.Count));
        Assert.Equal("image #1000 (id 1000): \"width\" is NaN; it must be an integer of at most 64 bits", finding.Examples[0].Sentence);
        Assert.Equal(SHA256.HashData(bytes), hash.GetHashAndReset());
    }
}
