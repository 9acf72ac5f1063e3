namespace Serve.Eval.Bench.Load;

/// <summary>
/// A made-up dataset and made-up detections of it, of the proportions of COCO val2017. Any number of images is written with memory for one: each
/// image is made anew for each file.
/// </summary>
/// <param name="images">Number of images.</param>
/// <param name="seed">The same seed gives the same files.</param>
internal sealed class SyntheticLoad(int images, int seed)
{
    private const int Categories = 80;
    private const int BoxesPerImage = 100;
    private const int MasksPerImage = 36;

    /// <summary>Writes the two files of a kind of evaluation into a folder.</summary>
    public void Write(string folder, EvaluationKind kind)
    {
        Directory.CreateDirectory(folder);
        var (truth, detections) = kind.FilesIn(folder);
        if (kind == EvaluationKind.Keypoints)
        {
            WriteTruth(truth, people: true);
            WritePoses(detections);
            return;
        }
        WriteTruth(truth, people: false);
        if (kind == EvaluationKind.Masks)
            WriteMasks(detections);
        else
            WriteBoxes(detections);
    }

    private IEnumerable<SyntheticImage> Images()
    {
        for (var number = 1; number <= images; number++)
            yield return new SyntheticImage(seed, number, Categories);
    }

    private void WriteTruth(string path, bool people)
    {
        using var file = new JsonFile(path);
        var next = "{\"images\": ["u8;
        foreach (var image in Images())
        {
            file.Add(next).Add("{\"license\": 1, \"file_name\": \""u8).Add(image.Id).Add(".jpg\", \"height\": "u8).Add(image.Height).Add(", \"width\": "u8).Add(image.Width)
                .Add(", \"date_captured\": \"2013-11-14 17:02:52\", \"id\": "u8).Add(image.Id).Add("}"u8);
            next = ", "u8;
        }
        next = "], \"annotations\": ["u8;
        long id = 0;
        foreach (var image in Images())
        {
            foreach (var one in image.Objects)
            {
                id++;
                if (people && one.Category != 0)
                    continue;
                file.Add(next).Add("{"u8);
                if (people)
                    AddPose(file, one, id);
                else
                    AddOutline(file, image, one);
                file.Add(", \"area\": "u8).Add(one.Area).Add(", \"iscrowd\": "u8).Add(one.IsCrowd ? 1 : 0).Add(", \"image_id\": "u8).Add(image.Id).Add(", \"bbox\": "u8);
                AddBox(file, one.Box).Add(", \"category_id\": "u8).Add(one.Category + 1).Add(", \"id\": "u8).Add(id).Add("}"u8);
                next = ", "u8;
            }
        }
        next = "], \"categories\": ["u8;
        for (var category = 1; category <= (people ? 1 : Categories); category++)
        {
            file.Add(next).Add("{\"id\": "u8).Add(category).Add(", \"name\": \"category "u8).Add(category).Add("\"}"u8);
            next = ", "u8;
        }
        file.Add("]}"u8).Complete();
    }

    private void WriteBoxes(string path)
        => WriteDetections(path, BoxesPerImage, (file, _, found) => AddBox(file.Add(", \"bbox\": "u8), found.Box));

    private void WriteMasks(string path)
        => WriteDetections(path, MasksPerImage, (file, image, found) =>
        {
            file.Add(", \"segmentation\": {\"size\": ["u8).Add(image.Height).Add(", "u8).Add(image.Width).Add("], \"counts\": \""u8);
            EllipseMask.AddText(file, EllipseMask.Runs(found.Box, image.Width, image.Height));
            file.Add("\"}"u8);
        });

    private void WriteDetections(string path, int perImage, Action<JsonFile, SyntheticImage, SyntheticDetection> add)
    {
        using var file = new JsonFile(path);
        var next = "["u8;
        foreach (var image in Images())
        {
            foreach (var found in SyntheticDetections.Of(image, seed + 1, Categories, perImage))
            {
                file.Add(next).Add("{\"image_id\": "u8).Add(image.Id).Add(", \"category_id\": "u8).Add(found.Category + 1);
                add(file, image, found);
                file.Add(", \"score\": "u8).Add(found.Score).Add("}"u8);
                next = ", "u8;
            }
        }
        file.Add("]"u8).Complete();
    }

    private void WritePoses(string path)
    {
        using var file = new JsonFile(path);
        var next = "["u8;
        long id = 0;
        foreach (var image in Images())
        {
            var random = new Random(SyntheticImage.HashOf(seed + 2, image.Id));
            foreach (var one in image.Objects)
            {
                id++;
                if (one.Category != 0 || one.IsCrowd || random.Next(7) == 0)
                    continue;
                AddPoseDetection(file, next, image, one.Box, SyntheticPose.Of(one, SyntheticImage.HashOf(seed, (int)id), out _), random);
                next = ", "u8;
            }
            for (var noise = random.Next(3, 17); noise > 0; noise--)
            {
                var (width, height) = (10 + (random.NextDouble() * image.Width / 2), 10 + (random.NextDouble() * image.Height / 2));
                var box = new Box(random.NextDouble() * (image.Width - width), random.NextDouble() * (image.Height - height), width, height);
                AddPoseDetection(file, next, image, box, null, random);
                next = ", "u8;
            }
        }
        file.Add("]"u8).Complete();
    }

    private static void AddPoseDetection(JsonFile file, ReadOnlySpan<byte> next, SyntheticImage image, Box box, double[]? pose, Random random)
        => file.Add(next).Add("{\"image_id\": "u8).Add(image.Id).Add(", \"category_id\": 1, \"keypoints\": "u8).Add(SyntheticPose.Detected(box, pose, random))
            .Add(", \"score\": "u8).Add((float)((pose is null ? 0.4 : 1) * random.NextDouble())).Add("}"u8);

    private void AddPose(JsonFile file, SyntheticObject person, long id)
    {
        var pose = SyntheticPose.Of(person, SyntheticImage.HashOf(seed, (int)id), out var labelled);
        file.Add("\"num_keypoints\": "u8).Add(labelled).Add(", \"keypoints\": "u8).Add(pose);
    }

    private static void AddOutline(JsonFile file, SyntheticImage image, SyntheticObject one)
    {
        file.Add("\"segmentation\": "u8);
        if (!one.IsCrowd)
        {
            file.Add("["u8).Add(one.Outline).Add("]"u8);
            return;
        }
        var next = "{\"counts\": ["u8;
        foreach (var run in EllipseMask.Runs(one.Box, image.Width, image.Height))
        {
            file.Add(next).Add(run);
            next = ", "u8;
        }
        file.Add("], \"size\": ["u8).Add(image.Height).Add(", "u8).Add(image.Width).Add("]}"u8);
    }

    private static JsonFile AddBox(JsonFile file, Box box) => file.Add([box.X, box.Y, box.Width, box.Height]);
}
