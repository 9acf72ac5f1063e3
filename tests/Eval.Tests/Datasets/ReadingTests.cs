using System.IO.Compression;
using System.Text;
using Serve.Eval.Datasets;

namespace Serve.Eval.Tests.Datasets;

/// <summary>What both readers have in common: parts, threads, streams, broken files.</summary>
public sealed class ReadingTests : IDisposable
{
    private readonly TemporaryFolder folder = TestFiles.NewFolder();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Datasets_are_read_as_they_were_written_in_parts_of_any_length_by_any_threads()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var document = new RandomDocument(seed);
            var file = await Write(document.Dataset(images: seed % 7, categories: seed % 5, annotations: seed % 23));
            foreach (var length in new[] { 1, 7, 64, 200, 1000, 4096, 1 << 20 })
                Assert.Equal(document.Said, TableText.Of(await ReadDataset(file, threads: 1 + ((seed + length) % 8), length)));
        }
    }

    [Fact]
    public async Task Results_are_read_as_they_were_written_in_parts_of_any_length_by_any_threads()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var document = new RandomDocument(seed);
            var file = await Write(document.Results(seed % 31));
            foreach (var length in new[] { 1, 7, 64, 200, 1000, 4096, 1 << 20 })
                Assert.Equal(document.Said, TableText.Of(await ReadResults(file, threads: 1 + ((seed + length) % 8), length)));
        }
    }

    [Fact]
    public async Task Part_may_end_anywhere()
    {
        var (dataset, results) = (new RandomDocument(100), new RandomDocument(101));
        var truth = await Write(dataset.Dataset(3, 2, 6));
        var found = await Write(results.Results(8));
        for (var length = 1; length < 1500; length++)
        {
            Assert.Equal(dataset.Said, TableText.Of(await ReadDataset(truth, threads: 2, length)));
            Assert.Equal(results.Said, TableText.Of(await ReadResults(found, threads: 2, length)));
        }
    }

    [Fact]
    public async Task Stream_may_bring_any_number_of_bytes_at_a_time()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var (dataset, results) = (new RandomDocument(seed), new RandomDocument(1000 + seed));
            var (truth, found) = (dataset.Dataset(3, 2, 6), results.Results(8));
            foreach (var window in new[] { 1, 100, 1 << 18 })
            {
                await using var first = new DrippingStream(Encoding.UTF8.GetBytes(truth), seed % 5);
                await using var second = new DrippingStream(Encoding.UTF8.GetBytes(found), seed % 5);
                Assert.Equal(dataset.Said, TableText.Of(await CocoDatasetReader.ReadAsync(first, "gt.json", AnnotationParts.All, 1, window, hash: true, Ct)));
                Assert.Equal(results.Said, TableText.Of(await CocoResults.ReadAsync(second, "dt.json", AnnotationParts.Boxes, 1, window, Ct)));
            }
        }
    }

    [Fact]
    public async Task Records_inside_records_do_not_mislead()
    {
        // Each detection holds what looks like detections itself: guesses are wrong most of the time.
        var inner = string.Join(',', Enumerable.Range(0, 40).Select(i => $"{{\"image_id\":{i},\"category_id\":1,\"bbox\":[1,2,3,4],\"score\":0.5}}"));
        var rows = Enumerable.Range(0, 50).Select(i => $"{{\"parts\":[{inner}],\"image_id\":{1000 + i},\"category_id\":2,\"bbox\":[{i},0,1,1],\"score\":0.25}}");
        var file = await Write($"[{string.Join(',', rows)}]");

        var table = await ReadResults(file, threads: 4, 300);

        Assert.Equal(Enumerable.Range(0, 50).Select(i => 1000L + i), table.ImageIds.ToArray());
        Assert.All(table.CategoryIds.ToArray(), id => Assert.Equal(2, id));
    }

    [Fact]
    public async Task Byte_order_mark_and_carriage_returns_are_passed_over()
    {
        var file = await Write("\uFEFF\r\n[\r\n{\"image_id\":1,\"category_id\":1,\r\n\"bbox\":[0,0,1,1],\"score\":1}\r\n]\r\n");

        foreach (var length in new[] { 1, 2, 3, 4, 5, 20, 4096 })
            Assert.Equal(1, (await ReadResults(file, threads: 3, length)).Count);
        var fault = await Assert.ThrowsAsync<InvalidInputException>(async () => await ReadResults(await Write("\uFEFF[\r\n x]"), 1, 1));
        Assert.EndsWith("not valid JSON at line 2, byte 2: 'x' is an invalid start of a value.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_cut_at_any_byte_is_refused()
    {
        var truth = Encoding.UTF8.GetBytes(new RandomDocument(7).Dataset(2, 1, 2).Trim());
        var found = Encoding.UTF8.GetBytes(new RandomDocument(8).Results(3).Trim());
        for (var length = 0; length < truth.Length; length++)
            await RequireSameFault(truth[..length], isResults: false);
        for (var length = 0; length < found.Length; length++)
            await RequireSameFault(found[..length], isResults: true);
    }

    [Fact]
    public async Task Damaged_file_is_read_or_refused_but_never_otherwise()
    {
        const string Alphabet = "0123456789-+.eE[]{},: \n\"\\utrfnaé/\0";
        var random = new Random(5);
        for (var i = 0; i < 1500; i++)
        {
            var isResults = i % 2 == 0;
            var bytes = Encoding.UTF8.GetBytes(isResults ? new RandomDocument(i).Results(6) : new RandomDocument(i).Dataset(2, 2, 4));
            for (var changes = random.Next(1, 4); changes > 0; changes--)
                bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)Alphabet[random.Next(Alphabet.Length)];
            await RequireSame(bytes, isResults);
        }
    }

    [Theory]
    [InlineData("\"score\":\"high\"", "dt.json: detection #4001: \"score\" is the text \"high\"; it must be a finite number.")]
    [InlineData("\"score\":0.5,}", "dt.json: not valid JSON at line 4002, byte 65: The JSON object contains a trailing comma at the end which is not supported in this mode. Change the reader options.")]
    public async Task First_fault_of_the_file_is_told_whichever_thread_finds_one(string field, string message)
    {
        var rows = Enumerable.Range(0, 20_000).Select(i => i % 4000 == 0 && i > 0
            ? $"{{\"image_id\":{i,6},\"category_id\":1,\"bbox\":[0,0,1,1],{(i == 4000 ? field : "\"score\":{")}}}"
            : $"{{\"image_id\":{i,6},\"category_id\":1,\"bbox\":[0,0,1,1],\"score\":0.5}}");
        var file = await Write("[\n" + string.Join(",\n", rows) + "]");
        for (var threads = 1; threads <= 8; threads++)
        {
            await using var stream = File.OpenRead(file);
            var fault = await Assert.ThrowsAsync<InvalidInputException>(() => CocoResults.ReadAsync(stream, "dt.json", AnnotationParts.Boxes, threads, 10_000, Ct));
            Assert.Equal(message, fault.Message);
        }
    }

    [Fact]
    public async Task Compressed_files_are_read()
    {
        var (dataset, results) = (new RandomDocument(1), new RandomDocument(2));
        var (truth, found) = (dataset.Dataset(5, 3, 20), results.Results(20));

        var truthFile = await Compress(truth);
        await using var stream = new DrippingStream(await File.ReadAllBytesAsync(await Compress(found), Ct), 1);

        var read = await CocoDatasetReader.ReadAsync(truthFile, AnnotationParts.All, ct: Ct);
        Assert.Equal(dataset.Said, TableText.Of(read));
        // Of the JSON: the dataset is the same one.
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(truth))), read.ContentHash);
        Assert.Equal(results.Said, TableText.Of(await CocoResults.ReadAsync(stream, "dt.json.gz", Ct)));
    }

    [Fact]
    public async Task Broken_compressed_file_is_refused()
    {
        var whole = await File.ReadAllBytesAsync(await Compress(new RandomDocument(1).Results(200)), Ct);
        var file = folder.File("dt.json.gz");
        foreach (var bytes in new[] { whole[..2], whole[..20], whole[..^20], [.. whole[..30], 255, 255, 255, .. whole[33..]] })
        {
            await File.WriteAllBytesAsync(file, bytes, Ct);
            await Assert.ThrowsAsync<InvalidInputException>(() => CocoResults.ReadAsync(file, Ct));
        }
    }

    [Fact]
    public async Task Hash_is_that_of_the_whole_file_in_parts_of_any_length()
    {
        var file = await Write(new RandomDocument(3).Dataset(5, 3, 20) + new string(' ', 500));
        var expected = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(file, Ct)));
        foreach (var length in new[] { 1, 50, 333, 1 << 20 })
            Assert.Equal(expected, (await ReadDataset(file, threads: 3, length)).ContentHash);
        Assert.Equal("", (await CocoDatasetReader.ReadAsync(file, hash: false, ct: Ct)).ContentHash);
    }

    [Fact]
    public async Task Reading_can_be_cancelled()
    {
        var file = await Write(new RandomDocument(3).Results(20));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CocoResults.ReadAsync(file, ct: new CancellationToken(canceled: true)));
    }

    private async Task RequireSameFault(byte[] bytes, bool isResults)
        => Assert.True(await RequireSame(bytes, isResults) is null, $"{bytes.Length} bytes were taken for a whole file");

    // What is read, or the fault, must be the same in parts and as a stream. Null for a fault.
    private async Task<string?> RequireSame(byte[] bytes, bool isResults)
    {
        var path = folder.File("file.json");
        await File.WriteAllBytesAsync(path, bytes, Ct);
        string? first = null;
        var readings = new (int Threads, int Length, Func<Stream> Open)[]
        {
            (1, 1 << 18, () => new DrippingStream(bytes, 0)), (1, 5, () => new DrippingStream(bytes, 0)), (1, 1 << 18, () => File.OpenRead(path)), (2, 111, () => File.OpenRead(path)),
        };
        foreach (var (threads, length, open) in readings)
        {
            await using var stream = open();
            string text;
            try
            {
                text = isResults
                    ? TableText.Of(await CocoResults.ReadAsync(stream, "f", AnnotationParts.All, threads, length, Ct))
                    : TableText.Of(await CocoDatasetReader.ReadAsync(stream, "f", AnnotationParts.All, threads, length, hash: true, Ct));
            }
            catch (InvalidInputException fault)
            {
                text = "fault: " + fault.Message;
            }
            if (first is not null && first != text)
                Assert.Fail($"{Encoding.UTF8.GetString(bytes)}\n\n{first}\n\n{threads} threads, length {length}: {text}");
            first = text;
        }
        return first!.StartsWith("fault: ", StringComparison.Ordinal) ? null : first;
    }

    private static async Task<Dataset> ReadDataset(string path, int threads, int partLength)
    {
        await using var stream = File.OpenRead(path);
        return await CocoDatasetReader.ReadAsync(stream, path, AnnotationParts.All, threads, partLength, hash: true, Ct);
    }

    private static async Task<DetectionTable> ReadResults(string path, int threads, int partLength)
    {
        await using var stream = File.OpenRead(path);
        return await CocoResults.ReadAsync(stream, path, AnnotationParts.Boxes, threads, partLength, Ct);
    }

    private async Task<string> Write(string text)
    {
        var path = folder.File($"{Guid.NewGuid():N}.json");
        await File.WriteAllBytesAsync(path, Encoding.UTF8.GetBytes(text), Ct);
        return path;
    }

    private async Task<string> Compress(string text)
    {
        var path = folder.File($"{Guid.NewGuid():N}.json.gz");
        await using var file = File.Create(path);
        await using var zip = new GZipStream(file, CompressionLevel.Fastest);
        await zip.WriteAsync(Encoding.UTF8.GetBytes(text), Ct);
        return path;
    }
}
