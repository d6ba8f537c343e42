// Written for this project, from many origins, so that a demo looks like a district and not like one street.

const list = (names: string): readonly string[] => names.trim().split(/\s+/);

export const GIRLS = list(`
  Abigail Adaeze Aisha Alejandra Alina Amara Amelia Ana Anaïs Anh Aniyah Anna Annika Aria Ashley Audrey Aurora Ava
  Beatriz Bianca Bridget Brooke Camila Carmen Caroline Chloe Clara Daisy Daniela Delilah Destiny Diana Divya Ebony
  Eleanor Elena Elise Elizabeth Ella Eloise Emilia Emily Emma Esperanza Esther Eva Evelyn Fatima Fiona Freya Gabriela
  Genesis Georgia Gianna Grace Guadalupe Hana Hannah Harper Hazel Heidi Ifeoma Imani Ines Ingrid Iris Isabel Isla Ivy
  Jada Jade Jasmine Jimena Josephine Julia Juniper Kaia Kalani Katerina Kayla Keiko Kiara Lakshmi Layla Leilani Leila
  Liliana Linh Lucia Lucy Luna Madison Mai Malia Margaret Maria Mariana Marisol Maya Mei Mia Mila Miriam Nadia Naomi
  Natalia Nevaeh Ngozi Nicole Nina Noor Olivia Paige Paloma Parisa Penelope Phoebe Priya Quinn Rachel Reina Renata Rosa
  Ruby Ruth Sadie Salma Samira Sara Savannah Selena Serena Shreya Sienna Simone Sofia Sophie Stella Talia Tamika Tara
  Tatiana Teresa Thandiwe Valentina Valeria Victoria Violet Willow Ximena Yara Yasmin Yuki Zainab Zara Zoë Zuri`);

export const BOYS = list(`
  Aaron Abdul Adam Adrian Ahmed Aiden Akira Alan Alejandro Alexander Amir Andre Andrés Anthony Antonio Arjun Asher
  Augustus Axel Beau Benjamin Bilal Brandon Bryce Caleb Calvin Cameron Carlos Carter César Chidi Christian Cole Connor
  Cyrus Damian Daniel Darius David Dawit Demetrius Deshawn Diego Dominic Dylan Eduardo Eli Elias Elijah Emeka Emiliano
  Emmanuel Enrique Ethan Ezekiel Farid Felix Fernando Finn Francisco Gabriel Gael George Giovanni Grayson Gustavo Hamza
  Harrison Hassan Henry Hiroshi Hudson Hugo Ian Ibrahim Isaac Isaiah Ivan Jabari Jack Jaden James Jamal Javier Jayden
  Jin Joaquín Joel Jonah Jorge José Joseph Joshua Juan Julian Kai Kareem Keanu Kenji Khalil Kofi Kwame Landon Leo Leon
  Levi Liam Logan Lorenzo Luca Lucas Luis Luke Malik Manuel Marcus Mario Mateo Matthew Max Micah Miguel Minh Mohammed
  Nathan Nicholas Niko Noah Nolan Oliver Omar Orlando Oscar Owen Pablo Parker Patrick Pedro Peter Quentin Rafael Rahul
  Raj Ramón Ravi Raymond Ricardo River Roman Rowan Ryan Salvador Samuel Santiago Sebastián Simon Soren Tadeo Tariq Terrell
  Theo Thomas Tobias Tomás Trevor Tyrone Victor Vikram Vincent Wesley William Wyatt Xavier Yusuf Zachary Zion`);

export const SURNAMES = list(`
  Abara Abdi Adams Adeyemi Aguilar Ahmed Alexander Ali Allen Alvarez Andersen Anderson Aoki Arroyo Ashby Bailey Baker
  Banks Barnes Barrera Begay Bell Bennett Bianchi Blackwood Boateng Bowman Boyd Bradley Brennan Brooks Brown Bryant Burke
  Butler Byrne Cabrera Calderón Campbell Cardoso Carlson Carter Castillo Castro Chan Chang Chaudhry Chavez Chen Choi
  Clark Cohen Coleman Collins Contreras Cooper Cortez Costa Cox Craig Cruz Cunningham Dang Daniels Das Davis Delgado Desai
  Diallo Diaz Dixon Dominguez Donovan Douglas Doyle Duarte Duncan Dunn Edwards Eriksen Espinoza Estrada Evans Farah Farrell
  Fernandez Fields Figueroa Fischer Fisher Fleming Flores Ford Foster Fox Franklin Freeman Friedman Fujita Gallagher Garcia
  Garrett Gibson Gill Goldberg Gomez Gonzalez Gordon Graham Grant Gray Greene Griffin Guerrero Gupta Gutierrez Guzman Haddad
  Hall Hamilton Han Hansen Harper Harris Hassan Hawkins Hayes Henderson Hernandez Herrera Hill Hoang Hoffman Holmes Hooper
  Howard Hsu Huang Hudson Hughes Hunt Hussein Ibarra Igwe Iyer Jackson Jacobs James Jansen Jenkins Jensen Jimenez Johnson
  Jones Jordan Joseph Juarez Kaiser Kang Kapoor Katz Kaur Kelly Kennedy Khan Kim King Klein Knight Kowalski Kumar Lam
  Larsen Lawson Le Lee Leon Lewis Li Lim Lin Lindgren Liu Long Lopez Lowe Lynch MacDonald Mahmoud Maldonado Malik Manning
  Marquez Marsh Martin Martinez Mason Mbeki McCarthy McDaniel Mehta Mejia Mendez Mendoza Mercer Meyer Miller Mills Mitchell
  Molina Montgomery Moore Morales Moreno Morgan Morris Murphy Murray Nakamura Navarro Nelson Newman Nguyen Nkosi Novak Núñez
  Obi O'Brien O'Connor Ochoa Okafor Okoye Oliveira Olsen Ortega Ortiz Osei Owens Pacheco Padilla Palmer Park Parker Patel
  Patterson Payne Peña Perez Perry Peters Petersen Pham Phillips Popov Porter Powell Price Quinn Quintero Rahman Ramirez
  Ramos Rao Reed Reese Reyes Reynolds Rhodes Richardson Riley Rios Rivera Robinson Rodriguez Rogers Romano Romero Rosen Ross
  Rossi Rowe Ruiz Russell Ryan Saito Salazar Sanchez Sandoval Santiago Santos Sato Schmidt Schneider Schultz Scott Serrano
  Shah Shapiro Sharma Shaw Shepherd Silva Simmons Singh Smith Snyder Solis Soto Sousa Spencer Stein Stevens Stewart Stone
  Suarez Sullivan Suzuki Takahashi Tan Taylor Tesfaye Thomas Thompson Torres Tran Tsosie Tucker Turner Valdez Vance Vargas
  Vasquez Vega Velasquez Villanueva Vu Wagner Walker Wallace Walsh Wang Ward Warren Watkins Webb Weber Weiss Wells White
  Whitehorse Williams Wilson Wolf Wong Wood Wright Wu Yamada Yang Yazzie Yoder Young Zapata Zhang Zhao Zimmerman`);

/** The letters and digits of a name as an address or a login has them. */
export function plain(name: string): string {
  return name
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}
