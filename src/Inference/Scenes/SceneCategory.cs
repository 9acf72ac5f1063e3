namespace Serve.Inference.Scenes;

/// <summary>The categories of the generated dataset; the value is the category's identifier.</summary>
internal enum SceneCategory
{
    Person = 1,
    Car = 2,
    Ball = 3,
    Crate = 4,
    Star = 5,
    Sign = 6,
    Tree = 7,
    Flower = 8,
}
