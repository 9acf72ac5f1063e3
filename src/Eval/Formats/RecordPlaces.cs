using Serve.Eval.Checks;

namespace Serve.Eval.Formats;

/// <summary>Where the images and objects of a dataset were read, so that a check can say so.</summary>
/// <param name="image">What an image's record is called, from its number in the file and its id: <c>image #3 (id 7)</c>; empty where the file is the record.</param>
/// <param name="found">What an object's record is called: <c>annotation #3 (id 7)</c>, <c>line 3</c>.</param>
public sealed class RecordPlaces(Func<int, long, string> image, Func<int, long, string> found)
{
    private readonly List<string> files = [];
    private readonly List<Entry> images = [];
    private readonly List<Entry> objects = [];

    private readonly record struct Entry(int File, int Number);

    /// <summary>Adds the place of the next image.</summary>
    /// <param name="file">File of the record, below the dataset's folder.</param>
    /// <param name="number">The record in the file, counted as the format counts.</param>
    public void AddImage(string file, int number) => images.Add(new(IndexOf(file), number));

    /// <summary>Adds the place of the next object.</summary>
    /// <param name="file">File of the record, below the dataset's folder.</param>
    /// <param name="number">The record in the file, counted as the format counts.</param>
    public void AddObject(string file, int number) => objects.Add(new(IndexOf(file), number));

    /// <summary>Where an image stands.</summary>
    /// <param name="index">Its index in the dataset.</param>
    /// <param name="id">Its id.</param>
    public RecordPlace OfImage(int index, long id) => new(files[images[index].File], image(images[index].Number, id));

    /// <summary>Where an object stands.</summary>
    /// <param name="index">Its index in the dataset.</param>
    /// <param name="id">Its id.</param>
    public RecordPlace OfObject(int index, long id) => new(files[objects[index].File], found(objects[index].Number, id));

    // Records come file by file.
    private int IndexOf(string file)
    {
        if (files.Count == 0 || files[^1] != file)
            files.Add(file);
        return files.Count - 1;
    }
}
